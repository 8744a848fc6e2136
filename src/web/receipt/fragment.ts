/**
 * What stands behind `#`, percent-encoded or not: whoever made the address controls it, and much of it is no
 * encoding.
 */
export function textOfFragment(hash: string): string {
  const written = hash.replace(/^#/, '');
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
