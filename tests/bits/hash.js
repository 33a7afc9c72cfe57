/**
 * FNV-1a of 64 bits over the bytes of all tensors in a safetensors file, as tests/it/bits.rs computes it.
 * @param {Uint8Array} saved
 */
export function hashOfTensors(saved) {
  const headerLength = new DataView(saved.buffer, saved.byteOffset).getUint32(0, true);
  let hash = 0xcbf29ce484222325n;
  for (const byte of saved.subarray(8 + headerLength)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
