/**
 * One form for what people write in many: compatibility forms, case, accents, punctuation and spaces do not
 * count.
 */
export function plainForm(text: string): string {
  const bare = text.normalize('NFKC').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return bare.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/**
 * Whether two plain forms differ by what a slip of the pen changes: one letter in short words, two in long
 * ones.
 */
export function isNear(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4) return a === b;
  return sortedParts(a) === sortedParts(b) || distance(a, b) <= (shorter < 8 ? 1 : 2);
}

function sortedParts(text: string): string {
  return text.split(' ').sort().join(' ');
}

/** Levenshtein's: letters put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
