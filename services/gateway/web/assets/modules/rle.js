// Masks as COCO writes them: runs of pixels off and on, down one column after the other, each
// length as base-32 digits, from the third on as the difference to the one before the last.
// https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c (rleFrString)

/** Return the lengths of the runs, off first, of compressed `counts`. */
export function runsOf(counts) {
  const runs = [];
  for (let at = 0; at < counts.length; ) {
    let value = 0;
    let shift = 0;
    let digit;
    do {
      digit = counts.charCodeAt(at) - 48;
      value |= (digit & 31) << shift;
      shift += 5;
      at += 1;
    } while (digit & 32);
    if (digit & 16) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs.at(-2) : value);
  }
  return runs;
}

/** Return a mask in small: `{width, height, bits}`, row by row, its longer side `side` at most. */
export function maskOf({ size: [height, width], counts }, side) {
  const step = Math.max(1, Math.ceil(Math.max(height, width) / side));
  const small = { width: Math.ceil(width / step), height: Math.ceil(height / step) };
  const bits = new Uint8Array(small.width * small.height);
  let at = 0;
  runsOf(counts).forEach((length, number) => {
    const end = at + length;
    if (number % 2 === 1) mark(bits, at, end);
    at = end;
  });
  return { ...small, bits };

  function mark(into, from, to) {
    for (let column = Math.floor(from / height); column * height < to; column += 1) {
      if (column % step) continue;
      const first = Math.max(from - column * height, 0);
      const last = Math.min(to - column * height, height);
      for (let row = Math.ceil(first / step) * step; row < last; row += step) {
        into[(row / step) * small.width + column / step] = 1;
      }
    }
  }
}
