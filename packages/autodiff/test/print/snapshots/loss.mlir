module @loss {
  func.func public @main(%arg0: tensor<4x3xf32>, %arg1: tensor<8x4xf32>) -> (tensor<4x3xf32>, tensor<f32>) {
    %0 = stablehlo.dot_general %arg1, %arg0, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x3xf32>) -> tensor<8x3xf32>
    %1 = stablehlo.logistic %0 : tensor<8x3xf32>
    %2 = stablehlo.multiply %1, %1 : tensor<8x3xf32>
    %3 = stablehlo.constant dense<0.041666668> : tensor<8x3xf32>
    %4 = stablehlo.multiply %2, %3 : tensor<8x3xf32>
    %5 = stablehlo.constant dense<0.0> : tensor<f32>
    %6 = stablehlo.reduce(%4 init: %5) applies stablehlo.add across dimensions = [0, 1] : (tensor<8x3xf32>, tensor<f32>) -> tensor<f32>
    %7 = stablehlo.constant dense<1.0> : tensor<f32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<8x3xf32>
    %9 = stablehlo.multiply %8, %3 : tensor<8x3xf32>
    %10 = stablehlo.multiply %9, %1 : tensor<8x3xf32>
    %11 = stablehlo.multiply %9, %1 : tensor<8x3xf32>
    %12 = stablehlo.add %10, %11 : tensor<8x3xf32>
    %13 = stablehlo.constant dense<1.0> : tensor<8x3xf32>
    %14 = stablehlo.subtract %13, %1 : tensor<8x3xf32>
    %15 = stablehlo.multiply %1, %14 : tensor<8x3xf32>
    %16 = stablehlo.multiply %12, %15 : tensor<8x3xf32>
    %17 = stablehlo.dot_general %16, %arg1, contracting_dims = [0] x [0] : (tensor<8x3xf32>, tensor<8x4xf32>) -> tensor<3x4xf32>
    %18 = stablehlo.transpose %17, dims = [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
    return %18, %6 : tensor<4x3xf32>, tensor<f32>
  }
}
