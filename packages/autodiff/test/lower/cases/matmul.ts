import { type Case, call, f, i, type Operand } from "../case.ts";

const plain = { transposeA: false, transposeB: false };
const matmul = (note: string, a: Operand, b: Operand, attrs: object = {}): Case =>
  call("BatchMatMul", note, { a, b }, { ...plain, ...attrs });
const einsum = (equation: string, ...operands: readonly Operand[]): Case =>
  call("Einsum", equation, operands, { equation });

export const products: readonly Case[] = [
  matmul("matrices", f([3, 4]), f([4, 5])),
  matmul("the left one transposed", f([4, 3]), f([4, 5]), { transposeA: true }),
  matmul("the right one transposed", f([3, 4]), f([5, 4]), { transposeB: true }),
  matmul("both transposed", f([4, 3]), f([5, 4]), { transposeA: true, transposeB: true }),
  matmul("a batch", f([2, 3, 4]), f([2, 4, 5])),
  matmul("batches transposed", f([2, 4, 3]), f([2, 5, 4]), { transposeA: true, transposeB: true }),
  matmul("one matrix for a batch", f([2, 3, 4]), f([1, 4, 5])),
  matmul("one matrix of rank 2 for a batch", f([2, 3, 4]), f([4, 5])),
  matmul("a batch for one matrix", f([1, 3, 4]), f([2, 4, 5])),
  matmul("batches of unequal rank", f([3, 2, 4]), f([2, 3, 4, 2])),
  matmul("batches of 1", f([1, 1, 3, 4]), f([1, 4, 2])),
  matmul("integers", i([3, 4]), i([4, 2])),
  matmul("no rows", f([0, 4]), f([4, 2])),
  ...["linear", "relu", "relu6", "elu", "sigmoid", "prelu", "leakyrelu"].map((activation) =>
    call(
      "_FusedMatMul",
      activation,
      {
        a: f([3, 4]),
        b: f([4, 5]),
        bias: f([5]),
        preluActivationWeights: activation === "prelu" ? f([5]) : undefined,
      },
      { ...plain, activation, leakyreluAlpha: 0.3 },
    ),
  ),
  call(
    "_FusedMatMul",
    "no bias",
    { a: f([2, 3, 4]), b: f([2, 4, 5]) },
    {
      ...plain,
      activation: "linear",
    },
  ),
  einsum("ij,jk->ik", f([3, 4]), f([4, 5])),
  einsum("ij,jk->ki", f([3, 4]), f([4, 5])),
  einsum("bij,bkj->bik", f([2, 3, 4]), f([2, 5, 4])),
  einsum("bij,jk->bik", f([2, 3, 4]), f([4, 5])),
  einsum("i,j->ij", f([3]), f([4])),
  einsum("i,i->", f([3]), f([3])),
  einsum("ij->ji", f([3, 4])),
  einsum("ij->j", f([3, 4])),
  einsum("ij->", f([3, 4])),
  einsum("abc,abd->cd", f([2, 3, 4]), f([2, 3, 5])),
  einsum("abcd,cde->abe", f([2, 3, 2, 3]), f([2, 3, 4])),
  einsum("ij,kj->i", f([3, 4]), f([5, 4])),
  einsum("ij,ij->ij", i([3, 4]), i([3, 4])),
];
