module @main {
  func.func public @main(%arg0: tensor<5x2xf32>) -> (tensor<2xf32>, tensor<5x2xf32>) {
    %0 = stablehlo.constant dense<0.0> : tensor<2xf32>
    %1 = stablehlo.constant dense<0.0> : tensor<5x2xf32>
    %2 = stablehlo.constant dense<0> : tensor<i32>
    %3:4 = stablehlo.while(%arg1 = %arg0, %arg2 = %2, %arg3 = %0, %arg4 = %1) : tensor<5x2xf32>, tensor<i32>, tensor<2xf32>, tensor<5x2xf32> cond {
      %4 = stablehlo.constant dense<5> : tensor<i32>
      %5 = stablehlo.compare LT, %arg2, %4, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %6 = stablehlo.constant dense<0> : tensor<i32>
      %7 = stablehlo.dynamic_slice %arg1, %arg2, %6, sizes = [1, 2] : (tensor<5x2xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
      %8 = stablehlo.reshape %7 : (tensor<1x2xf32>) -> tensor<2xf32>
      %9 = stablehlo.add %arg3, %8 : tensor<2xf32>
      %10 = stablehlo.reshape %arg3 : (tensor<2xf32>) -> tensor<1x2xf32>
      %11 = stablehlo.constant dense<0> : tensor<i32>
      %12 = stablehlo.dynamic_update_slice %arg4, %10, %arg2, %11 : (tensor<5x2xf32>, tensor<1x2xf32>, tensor<i32>, tensor<i32>) -> tensor<5x2xf32>
      %13 = stablehlo.constant dense<1> : tensor<i32>
      %14 = stablehlo.add %arg2, %13 : tensor<i32>
      stablehlo.return %arg1, %14, %9, %12 : tensor<5x2xf32>, tensor<i32>, tensor<2xf32>, tensor<5x2xf32>
    }
    return %3#2, %3#3 : tensor<2xf32>, tensor<5x2xf32>
  }
}
