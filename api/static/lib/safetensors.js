// The safetensors file format (Hugging Face, format 1.0): eight bytes with the header's length, a JSON header, raw numbers.

const READERS = { F32: Float32Array, F64: Float64Array, I8: Int8Array };

/** Name → {shape, data} of a file's bytes. */
export function readSafetensors(bytes) {
  const view = new DataView(bytes);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__" || !READERS[entry.dtype]) continue;
    const { dtype, shape, data_offsets: [from, to] } = entry;
    // A copy: the numbers need not begin at a multiple of their size.
    tensors[name] = { shape, data: new READERS[dtype](bytes.slice(8 + length + from, 8 + length + to)) };
  }
  return tensors;
}
