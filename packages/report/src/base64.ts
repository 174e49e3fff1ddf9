const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes bytes as base64 (RFC 4648); Uint8Array's own method is too new for Node 22 and 24. */
export function base64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    for (let k = 0; k < 4; k++) {
      out += i + k > bytes.length ? "=" : ALPHABET[(word >>> (18 - 6 * k)) & 63];
    }
  }
  return out;
}
