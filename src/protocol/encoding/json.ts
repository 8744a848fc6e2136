import { pointerOf, refuse } from './errors.js';
import { findText } from './members.js';

/** Deeper structures than this have no use here and only attack parsers. */
const MAX_DEPTH = 16;
/**
 * Names that mean something to every JavaScript object: no format here has them, and libraries overlook them
 * or trip.
 */
const UNSAFE = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether every object has something by this name; no member and no parameter is called so. */
export function isInherited(name: string): boolean {
  return UNSAFE.has(name);
}

/**
 * Strict JSON: fatal UTF-8, no byte order mark, no duplicate member (escapes included), no lone surrogate, no
 * NUL, no `__proto__`, `constructor`, `toString` or the like, depth ≤ 16, and only whole numbers below 2⁵³,
 * plainly written. Objects come without a prototype. Whoever sends the bytes controls all of this input.
 */
export function parseStrict(input: Uint8Array | string): unknown {
  const text = typeof input === 'string' ? input : decode(input);
  try {
    JSON.parse(text);
  } catch {
    refuse('json');
  }
  return new Reader(text.isWellFormed() ? text : refuse('json')).value(0);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('json');
  }
}

/** Walks text that `JSON.parse` has accepted, so only what that call lets through is checked here. */
class Reader {
  private at = 0;
  /** Members and items in which the reader is. */
  private readonly path: (string | number)[] = [];

  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) this.refuse('json');
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    return this.literal();
  }

  private object(depth: number): Record<string, unknown> {
    const members = Object.create(null) as Record<string, unknown>;
    if (this.opensEmpty('}')) return members;
    do {
      this.skipSpace();
      const name = this.string();
      this.path.push(name);
      if (name in members) this.refuse('duplicate-member');
      if (UNSAFE.has(name)) this.refuse('schema');
      this.skipSpace();
      this.at++;
      members[name] = this.value(depth + 1);
      this.path.pop();
    } while (this.continues());
    return members;
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    if (this.opensEmpty(']')) return items;
    do {
      this.path.push(items.length);
      items.push(this.value(depth + 1));
      this.path.pop();
    } while (this.continues());
    return items;
  }

  /** What has no escape is the string itself: raw, it can hold neither a NUL nor a lone surrogate. */
  private string(): string {
    const start = this.at + 1;
    const plain = this.text.slice(start, this.text.indexOf('"', start));
    this.at = start + plain.length + 1;
    return plain.includes('\\') ? this.escapedString(start) : plain;
  }

  private escapedString(start: number): string {
    let end = start;
    while (this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    this.at = end + 1;
    const text = JSON.parse(this.text.slice(start - 1, this.at)) as string;
    return isReadable(text) ? text : this.refuse('json');
  }

  private literal(): unknown {
    const start = this.at;
    while (/[-+.0-9A-Za-z]/.test(this.text[this.at] ?? '')) this.at++;
    const literal = this.text.slice(start, this.at);
    const value: unknown = JSON.parse(literal);
    if (typeof value === 'number' && !(/^(0|[1-9][0-9]*)$/.test(literal) && Number.isSafeInteger(value)))
      this.refuse('schema');
    return value;
  }

  private refuse(check: string): never {
    return refuse(check, pointerOf(this.path));
  }

  private opensEmpty(close: string): boolean {
    this.at++;
    this.skipSpace();
    if (this.text[this.at] !== close) return false;
    this.at++;
    return true;
  }

  /** After a member or item: past the comma, or past the closing bracket. */
  private continues(): boolean {
    this.skipSpace();
    return this.text[this.at++] === ',';
  }

  private skipSpace(): void {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at++;
  }
}

/**
 * The text of a JSON value, read by `parseStrict` before anybody has it: how whatever is signed or sealed
 * becomes text, so that nothing is made which every reader refuses. @throws Refused `text`, with the member
 * that holds a NUL or a lone surrogate
 */
export function strictText(value: unknown, write: (value: unknown) => string = JSON.stringify): string {
  const wrong = findText(value, (text) => !isReadable(text));
  if (wrong !== undefined) refuse('text', wrong);
  const text = write(value);
  parseStrict(text);
  return text;
}

function isReadable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/**
 * The JSON Canonicalization Scheme (RFC 8785) for strings, whole numbers, booleans, arrays and objects.
 * @example
 * const charterText = canonicalText(charter);
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}
