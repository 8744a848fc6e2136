import { randomBytes, utf8 } from './bytes.js';
import { expand, extract } from '../crypto/kdf.js';
import { boxKey, signingKey, type BoxKey, type SigningKey } from '../crypto/keys.js';
import { refuse } from './errors.js';
import { normaliseCode, normaliseWord } from './typed.js';

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 25;
const DATA = 23;
/** GF(32) by x⁵+x²+1, powers and logarithms of α = 2. */
const POWERS: readonly number[] = Array.from({ length: 30 }).reduce<number[]>(
  (powers) => [...powers, double(powers.at(-1) as number)],
  [1],
);

export type ParsedCode =
  | { readonly canonical: string }
  /**
   * Mistyped: the code that one wrong symbol would explain, to be shown whole and asked about; null if none
   * would.
   */
  | { readonly suggestion: string | null };

export interface ReceiptKeys {
  /** From the paper alone: shows the neutral status, withdraws. */
  readonly sign: SigningKey;
  /** From paper and word: sees what was shared. */
  readonly read: SigningKey;
  readonly box: BoxKey;
}

/** A fresh code: 115 random bits and two check symbols, in five groups of five. */
export function newCode(): string {
  return codeText(withChecks([...randomBytes(DATA)].map((byte) => byte & 31)));
}

/**
 * Reads what somebody typed: letters and digits of any keyboard count; O, I, L and U are taken for 0, 1, 1
 * and V.
 */
export function parseCode(typed: string): ParsedCode {
  const symbols = Array.from(normaliseCode(typed), (symbol) => ALPHABET.indexOf(symbol));
  if (symbols.length !== LENGTH || symbols.includes(-1)) refuse('code');
  const [sum, weighted] = syndromes(symbols);
  if (sum === 0 && weighted === 0) return { canonical: symbolsText(symbols.slice(0, DATA)) };
  return { suggestion: suggest(symbols, sum, weighted) };
}

/** The 23 symbols of a code that was typed without a mistake; refuses any other. */
export function requireCode(typed: string): string {
  const parsed = parseCode(typed);
  return 'canonical' in parsed ? parsed.canonical : refuse('code');
}

/** Check symbols of 23 data symbols, as the text of the whole code. */
export function withCheckSymbols(canonical: string): string {
  return codeText(withChecks(Array.from(canonical, (symbol) => ALPHABET.indexOf(symbol))));
}

/**
 * Keys of a person's receipt. With a word, reading needs both; withdrawing never does. `normalise` is another
 * for old papers.
 */
export async function deriveReceipt(
  canonical: string,
  word = '',
  normalise = normaliseWord,
): Promise<ReceiptKeys> {
  const prk = rootOf('receipt', canonical);
  const locked = await lock(prk, normalise(word));
  return {
    sign: signingKey(derive('receipt', prk, 'sign')),
    read: signingKey(derive('receipt', locked, 'read')),
    box: boxKey(derive('receipt', locked, 'box')),
  };
}

export function deriveInvitation(canonical: string): { sign: SigningKey; welcomeKey: Uint8Array } {
  const prk = rootOf('invitation', canonical);
  return {
    sign: signingKey(derive('invitation', prk, 'sign')),
    welcomeKey: derive('invitation', prk, 'welcome'),
  };
}

/** Keys of an organisation's paper code, or of a guardian's code. */
export function derivePaper(
  canonical: string,
  use: 'paper' | 'guardian' = 'paper',
): { sign: SigningKey; box: BoxKey } {
  const prk = rootOf(use, canonical);
  return { sign: signingKey(derive(use, prk, 'sign')), box: boxKey(derive(use, prk, 'box')) };
}

type Use = 'receipt' | 'invitation' | 'paper' | 'guardian';

function rootOf(use: Use, canonical: string): Uint8Array {
  return extract(utf8(`relais/${use}/v1`), utf8(canonical));
}

function derive(use: Use, prk: Uint8Array, what: string): Uint8Array {
  return expand(prk, utf8(`relais/${use}/v1 ${what}`));
}

/** PBKDF2-HMAC-SHA-256, 600 000 rounds: a word is short, and the paper may be found. */
async function lock(prk: Uint8Array, word: string): Promise<Uint8Array> {
  if (word === '') return prk;
  const key = await crypto.subtle.importKey('raw', new Uint8Array(utf8(word)), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(prk), iterations: 600_000 };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

function double(value: number): number {
  return value & 16 ? (value << 1) ^ 37 : value << 1;
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : power(POWERS.indexOf(a) + POWERS.indexOf(b));
}

function power(exponent: number): number {
  return POWERS[exponent % 31] as number;
}

/** Σcᵢ and Σcᵢαⁱ: both zero in a good code. */
function syndromes(symbols: readonly number[]): [number, number] {
  let sum = 0;
  let weighted = 0;
  symbols.forEach((symbol, i) => {
    sum ^= symbol;
    weighted ^= multiply(symbol, power(i));
  });
  return [sum, weighted];
}

/** The two symbols p, q with p+q = Σcᵢ and pα²³+qα²⁴ = Σcᵢαⁱ: p = (w + s·α²⁴) / (α²³ + α²⁴). */
function withChecks(data: readonly number[]): number[] {
  const [sum, weighted] = syndromes(data);
  const [a, b] = [power(DATA), power(DATA + 1)];
  const inverse = power(31 - POWERS.indexOf(a ^ b));
  const first = multiply(weighted ^ multiply(sum, b), inverse);
  return [...data, first, first ^ sum];
}

function suggest(symbols: readonly number[], sum: number, weighted: number): string | null {
  if (sum === 0 || weighted === 0) return null;
  const at = (POWERS.indexOf(weighted) - POWERS.indexOf(sum) + 31) % 31;
  if (at >= LENGTH) return null;
  return codeText(symbols.map((symbol, i) => (i === at ? symbol ^ sum : symbol)));
}

function symbolsText(symbols: readonly number[]): string {
  return symbols.map((symbol) => ALPHABET.charAt(symbol)).join('');
}

function codeText(symbols: readonly number[]): string {
  return symbolsText(symbols).replace(/.{5}(?=.)/g, '$&-');
}
