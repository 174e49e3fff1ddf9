/** Kernels that tfjs's ops run when autoencoders, convolutional nets, LSTMs and optimizers train. */
const TRAINING =
  "Abs Add ArgMax AvgPool AvgPoolGrad BatchMatMul Cast ClipByValue Concat Conv2D " +
  "Conv2DBackpropFilter Conv2DBackpropInput DepthwiseConv2dNative " +
  "DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Elu EluGrad Equal Erf " +
  "Exp Fill Floor FusedBatchNorm FusedConv2D GatherV2 Greater GreaterEqual Identity LeakyRelu " +
  "Less LessEqual Log Log1p LogicalAnd Max MaxPool MaxPoolGrad Maximum Mean Minimum Multiply Neg " +
  "OneHot OnesLike Pack PadV2 Pow Prelu RealDiv Relu Reshape ResizeNearestNeighbor " +
  "ResizeNearestNeighborGrad Rsqrt Select Selu Sigmoid Slice Softmax Softplus SplitV Sqrt Square " +
  "Step Sub Sum Tanh Tile Transpose Unpack UnsortedSegmentSum ZerosLike _FusedMatMul";

const NEIGHBOURS =
  "AddN All Any ArgMin Atan2 Ceil Cos Cosh Cumsum Cumprod Diag Einsum ExpandDims Expm1 FloorDiv " +
  "FusedDepthwiseConv2D GatherNd IsFinite IsInf IsNan LinSpace LogicalNot LogicalOr Min MirrorPad " +
  "Mod NotEqual Prod Range Reciprocal Relu6 ResizeBilinear ResizeBilinearGrad Reverse Round " +
  "ScatterNd Sign Sin Sinh SquaredDifference StridedSlice Tan TopK SpaceToBatchND BatchToSpaceND " +
  "DepthToSpace AvgPool3D AvgPool3DGrad MaxPool3D MaxPool3DGrad Conv3D Conv3DBackpropInputV2 " +
  "Conv3DBackpropFilterV2";

/** Kernels without which ordinary code could not be traced. */
export const REQUIRED: readonly string[] = [...TRAINING.split(" "), ...NEIGHBOURS.split(" ")];

/** Kernels that tfjs names but never runs and has no cpu implementation of. */
export const NEVER_RUN: readonly string[] = ["BroadcastTo", "LogSoftmax", "LogicalXor"];
