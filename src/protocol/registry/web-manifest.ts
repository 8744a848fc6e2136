import { sha256 } from '#sha256';
import { toBase64url, toHex, utf8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';

/** Every file of the web app by its address, and the SHA-256 of its bytes: what `sha256sum` writes. */
export type WebManifest = ReadonlyMap<string, string>;

/** Languages of the page that helps where an address leads nowhere; French is the network's first. */
export const DOOR_LANGUAGES = ['fr', 'nl', 'en', 'ar'] as const;

/** Pages of the web app: address and file of the build. `/today` is where *leave* goes. */
const PAGES = [
  ['/audit', 'audit/index.html'],
  ...DOOR_LANGUAGES.map((language) => [`/doors/${language}`, `doors/${language}.html`] as const),
  ['/receipt', 'receipt/index.html'],
  ['/today', 'today/index.html'],
] as const;

/** Every address and its file, of a build with these files below `assets/`. */
export function webAppFiles(assets: readonly string[]): (readonly [address: string, file: string])[] {
  return [...assets.map((name) => [`/assets/${name}`, `assets/${name}`] as const), ...PAGES];
}

const LINE = /^([0-9a-f]{64}) {2}(\/[A-Za-z0-9._/-]{0,200})$/;

/** One form only: lines by rising address, each with its newline. */
export function formatManifest(files: ReadonlyMap<string, Uint8Array>): string {
  const ascending = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return ascending.map(([path, bytes]) => `${toHex(sha256(bytes))}  ${path}\n`).join('');
}

/** Reads a manifest, of which its server wrote every byte. @throws Refused manifest */
export function parseManifest(text: string): WebManifest {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > 1000) refuse('manifest');
  const files = new Map<string, string>();
  let last = '';
  for (const line of lines) {
    const [, hash = '', path = ''] = LINE.exec(line) ?? [];
    if (path <= last) refuse('manifest');
    files.set(path, hash);
    last = path;
  }
  return files;
}

/** What an organisation's word in the registry names: SHA-256 of the manifest's text, base64url. */
export function manifestHash(text: string): string {
  return toBase64url(sha256(utf8(text)));
}
