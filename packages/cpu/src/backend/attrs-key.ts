/** A text that is the same for equal attributes of kernels; JSON would lose NaN, infinities and the sign of zero. */
export const attrsKey = (value: unknown): string => {
  switch (typeof value) {
    case "number":
      return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
    case "string":
      return `'${value}'`;
    case "object":
      if (value === null) return "_";
      return isList(value) ? listKey(value) : recordKey(value as Readonly<Record<string, unknown>>);
    default:
      return `${value}`;
  }
};

const isList = (value: object): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value);

const listKey = (list: ArrayLike<unknown>): string => {
  let key = "[";
  for (let i = 0; i < list.length; i++) key += `${attrsKey(list[i])},`;
  return `${key}]`;
};

const recordKey = (record: Readonly<Record<string, unknown>>): string => {
  let key = "{";
  for (const name in record) key += `${name}:${attrsKey(record[name])};`;
  return `${key}}`;
};
