module @main {
  func.func public @main(%arg0: tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>) {
    %0 = stablehlo.optimization_barrier %arg0 : tensor<3xf32>
    %1 = func.call @call_0(%0) : (tensor<3xf32>) -> tensor<3xf32>
    %2 = stablehlo.constant dense<0.0> : tensor<f32>
    %3 = stablehlo.reduce(%1 init: %2) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    %4 = stablehlo.constant dense<1.0> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %6:2 = stablehlo.optimization_barrier %arg0, %5 : tensor<3xf32>, tensor<3xf32>
    %7 = func.call @call_1(%6#0, %6#1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    return %7, %3 : tensor<3xf32>, tensor<f32>
  }
  func.func private @call_0(%arg0: tensor<3xf32>) -> (tensor<3xf32>) {
    %0 = stablehlo.sine %arg0 : tensor<3xf32>
    %1 = stablehlo.sine %0 : tensor<3xf32>
    return %1 : tensor<3xf32>
  }
  func.func private @call_1(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>) -> (tensor<3xf32>) {
    %0 = stablehlo.sine %arg0 : tensor<3xf32>
    %1 = stablehlo.cosine %0 : tensor<3xf32>
    %2 = stablehlo.multiply %arg1, %1 : tensor<3xf32>
    %3 = stablehlo.cosine %arg0 : tensor<3xf32>
    %4 = stablehlo.multiply %2, %3 : tensor<3xf32>
    return %4 : tensor<3xf32>
  }
}
