// Runs of instructions that follow one another in the binary format; `_` is a gap.
const I32_COMPARE =
  "i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u";
const I64_COMPARE =
  "i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u";
const F32_COMPARE = "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge";
const F64_COMPARE = "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge";
const I32_ARITHMETIC =
  "i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr";
const I64_ARITHMETIC =
  "i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr";
const F32_ARITHMETIC =
  "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign";
const F64_ARITHMETIC =
  "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign";
const CONVERSIONS =
  "i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s i32.extend16_s";
const SATURATING_CONVERSIONS =
  "i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u";
const LANES =
  "i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane";
const SPLATS =
  "i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat";
const I8X16_COMPARE = "i8x16.eq i8x16.ne";
const COMPARE_AND_BITS =
  "i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true";
const F32X4_F64X2 = "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4";
const I8X16_AND_ROUNDING =
  "i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest";
const F64X2_ROUNDING = "f64x2.ceil f64x2.floor _ _ _ _ f64x2.trunc";
const I16X8 =
  "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u";
const F64X2_NEAREST = "f64x2.nearest";
const I32X4 =
  "i32x4.abs i32x4.neg _ i32x4.all_true i32x4.bitmask _ _ i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add _ _ i32x4.sub _ _ _ i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u";
const I64X2 =
  "i64x2.abs i64x2.neg _ i64x2.all_true i64x2.bitmask _ _ i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add _ _ i64x2.sub _ _ _ i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u";
const FLOATS_AND_CONVERSIONS =
  "f32x4.abs f32x4.neg _ f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax f64x2.abs f64x2.neg _ f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u";
const RELAXED =
  "i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s _ _ _ f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd";

type Words<S extends string> = S extends `${infer A} ${infer B}`
  ? Exclude<A, "_"> | Words<B>
  : Exclude<S, "_">;
type Table<Name extends string> = Readonly<Record<Name, number>>;
/** Opcode and log2 of the bytes accessed. */
type Accesses<Name extends string> = Readonly<Record<Name, readonly [number, number]>>;

/** Numbers of a run of instructions. */
const numbered = <Names extends string>(first: number, names: Names): Table<Words<Names>> =>
  Object.fromEntries(
    names
      .split(" ")
      .map((name, i): [string, number] => [name, first + i])
      .filter(([name]) => name !== "_"),
  ) as Table<Words<Names>>;

type PlainName =
  | "unreachable"
  | "return"
  | "drop"
  | "select"
  | Words<typeof I32_COMPARE>
  | Words<typeof I64_COMPARE>
  | Words<typeof F32_COMPARE>
  | Words<typeof F64_COMPARE>
  | Words<typeof I32_ARITHMETIC>
  | Words<typeof I64_ARITHMETIC>
  | Words<typeof F32_ARITHMETIC>
  | Words<typeof F64_ARITHMETIC>
  | Words<typeof CONVERSIONS>;
type SaturatingName = Words<typeof SATURATING_CONVERSIONS>;
type VectorName =
  | Words<typeof SPLATS>
  | Words<typeof I8X16_COMPARE>
  | Words<typeof COMPARE_AND_BITS>
  | Words<typeof F32X4_F64X2>
  | Words<typeof I8X16_AND_ROUNDING>
  | Words<typeof F64X2_ROUNDING>
  | Words<typeof I16X8>
  | Words<typeof F64X2_NEAREST>
  | Words<typeof I32X4>
  | Words<typeof I64X2>
  | Words<typeof FLOATS_AND_CONVERSIONS>
  | Words<typeof RELAXED>;
type PlainMemoryName =
  | "i32.load"
  | "i64.load"
  | "f32.load"
  | "f64.load"
  | "i32.load8_s"
  | "i32.load8_u"
  | "i32.load16_s"
  | "i32.load16_u"
  | "i32.store"
  | "i64.store"
  | "f32.store"
  | "f64.store"
  | "i32.store8"
  | "i32.store16";
type VectorMemoryName =
  | "v128.load"
  | "v128.load8x8_s"
  | "v128.load8x8_u"
  | "v128.load16x4_s"
  | "v128.load16x4_u"
  | "v128.load32x2_s"
  | "v128.load32x2_u"
  | "v128.load8_splat"
  | "v128.load16_splat"
  | "v128.load32_splat"
  | "v128.load64_splat"
  | "v128.store"
  | "v128.load32_zero"
  | "v128.load64_zero";
type AtomicName =
  | "memory.atomic.notify"
  | "memory.atomic.wait32"
  | "i32.atomic.load"
  | "i64.atomic.load"
  | "i32.atomic.store"
  | "i64.atomic.store"
  | "i32.atomic.rmw.add"
  | "i64.atomic.rmw.add"
  | "i32.atomic.rmw.xchg"
  | "i32.atomic.rmw.cmpxchg"
  | "i64.atomic.rmw.cmpxchg";

/** Instructions of one byte without immediates. */
export const PLAIN: Table<PlainName> = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  ...numbered(0x45, I32_COMPARE),
  ...numbered(0x50, I64_COMPARE),
  ...numbered(0x5b, F32_COMPARE),
  ...numbered(0x61, F64_COMPARE),
  ...numbered(0x67, I32_ARITHMETIC),
  ...numbered(0x79, I64_ARITHMETIC),
  ...numbered(0x8b, F32_ARITHMETIC),
  ...numbered(0x99, F64_ARITHMETIC),
  ...numbered(0xa7, CONVERSIONS),
};

/** Instructions behind the prefix 0xfc without immediates. */
export const SATURATING: Table<SaturatingName> = numbered(0, SATURATING_CONVERSIONS);

/** Loads and stores of one byte: name to [opcode, log2 of the size]. */
export const MEMORY: Accesses<PlainMemoryName> = {
  "i32.load": [0x28, 2],
  "i64.load": [0x29, 3],
  "f32.load": [0x2a, 2],
  "f64.load": [0x2b, 3],
  "i32.load8_s": [0x2c, 0],
  "i32.load8_u": [0x2d, 0],
  "i32.load16_s": [0x2e, 1],
  "i32.load16_u": [0x2f, 1],
  "i32.store": [0x36, 2],
  "i64.store": [0x37, 3],
  "f32.store": [0x38, 2],
  "f64.store": [0x39, 3],
  "i32.store8": [0x3a, 0],
  "i32.store16": [0x3b, 1],
};

/** Vector loads and stores behind 0xfd: name to [opcode, log2 of the size]. */
export const VECTOR_MEMORY: Accesses<VectorMemoryName> = {
  "v128.load": [0, 4],
  "v128.load8x8_s": [1, 3],
  "v128.load8x8_u": [2, 3],
  "v128.load16x4_s": [3, 3],
  "v128.load16x4_u": [4, 3],
  "v128.load32x2_s": [5, 3],
  "v128.load32x2_u": [6, 3],
  "v128.load8_splat": [7, 0],
  "v128.load16_splat": [8, 1],
  "v128.load32_splat": [9, 2],
  "v128.load64_splat": [10, 3],
  "v128.store": [11, 4],
  "v128.load32_zero": [92, 2],
  "v128.load64_zero": [93, 3],
};

/** Loads and stores of one lane behind 0xfd: name to [opcode, log2 of the size]. */
export const LANE_MEMORY: Accesses<LaneMemoryOp> = {
  "v128.load8_lane": [84, 0],
  "v128.load16_lane": [85, 1],
  "v128.load32_lane": [86, 2],
  "v128.load64_lane": [87, 3],
  "v128.store8_lane": [88, 0],
  "v128.store16_lane": [89, 1],
  "v128.store32_lane": [90, 2],
  "v128.store64_lane": [91, 3],
};

/** Vector instructions with a lane number as immediate. */
export const LANE: Table<LaneOp> = numbered(21, LANES);

/** Vector instructions without immediates. */
export const VECTOR: Table<VectorName> = {
  ...numbered(14, SPLATS),
  ...numbered(35, I8X16_COMPARE),
  ...numbered(55, COMPARE_AND_BITS),
  ...numbered(94, F32X4_F64X2),
  ...numbered(96, I8X16_AND_ROUNDING),
  ...numbered(116, F64X2_ROUNDING),
  ...numbered(133, I16X8),
  ...numbered(148, F64X2_NEAREST),
  ...numbered(160, I32X4),
  ...numbered(192, I64X2),
  ...numbered(224, FLOATS_AND_CONVERSIONS),
  // Relaxed SIMD: only where the engine has it (see features.ts).
  ...numbered(0x100, RELAXED),
};

/** Atomic instructions behind 0xfe: name to [opcode, log2 of the size]. */
export const ATOMIC: Accesses<AtomicName> = {
  "memory.atomic.notify": [0x00, 2],
  "memory.atomic.wait32": [0x01, 2],
  "i32.atomic.load": [0x10, 2],
  "i64.atomic.load": [0x11, 3],
  "i32.atomic.store": [0x17, 2],
  "i64.atomic.store": [0x18, 3],
  "i32.atomic.rmw.add": [0x1e, 2],
  "i64.atomic.rmw.add": [0x1f, 3],
  "i32.atomic.rmw.xchg": [0x41, 2],
  "i32.atomic.rmw.cmpxchg": [0x48, 2],
  "i64.atomic.rmw.cmpxchg": [0x49, 3],
};

/** Name of an instruction that takes everything from the stack. */
export type PlainOp = PlainName | SaturatingName | VectorName;
/** Name of a load or store. */
export type MemoryOp = PlainMemoryName | VectorMemoryName | AtomicName;
/** Name of a load or store of one lane. */
export type LaneMemoryOp =
  | "v128.load8_lane"
  | "v128.load16_lane"
  | "v128.load32_lane"
  | "v128.load64_lane"
  | "v128.store8_lane"
  | "v128.store16_lane"
  | "v128.store32_lane"
  | "v128.store64_lane";
/** Name of an instruction that names a lane. */
export type LaneOp = Words<typeof LANES>;
