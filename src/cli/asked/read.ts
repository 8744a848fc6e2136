import { parseArgs } from 'node:util';
import { fill } from '../../client/audit/audit-messages.js';
import { isId } from '../../protocol/encoding/bytes.js';
import { wholeNumber } from '../../protocol/encoding/whole-number.js';
import { isLanguage, languageOfTerminal, type Language } from '../language.js';
import { FORMS, formsOf, type Form, type FormName, type Kind } from './forms.js';
import { SAY, type Wrong } from './messages.js';

/** What somebody asked a command to do, in a form that it has. */
export interface Asked {
  readonly form: FormName;
  readonly operands: readonly string[];
  readonly options: Readonly<Partial<Record<string, string>>>;
  readonly flags: ReadonlySet<string>;
  readonly language: Language;
}

/** Somebody used a command in a way that it does not have; the message is a sentence in their language. */
export class WrongUse extends Error {}

/** What a value must look like, before anything is done with it. */
const CHECKS: Readonly<Partial<Record<Kind, (text: string) => boolean>>> = {
  ADDRESS: (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
  ID: isId,
  LANGUAGE: isLanguage,
  NUMBER: (text) => wholeNumber(text, 1, 1000) !== undefined,
  'HOST:PORT': (text) => {
    const [, port] = /^(?:[^:\s]+|\[[0-9a-f:]+\]):([0-9]{1,5})$/.exec(text) ?? [];
    return wholeNumber(port, 0, 65_535) !== undefined;
  },
};

/** The arguments of a command by its forms, strictly: what they do not name is refused. @throws WrongUse */
export function readAsked(command: string, argv: readonly string[]): Asked {
  const language = languageOf(argv);
  const { positionals, tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(valued(command).map((name) => [name, { type: 'string' as const }])),
  });
  const { name, form, operands } = formOf(command, positionals, language);
  const found = tokens.filter((token) => token.kind === 'option');
  for (const [at, { name: option, rawName, value, inlineValue }] of found.entries()) {
    const kind = kindOf(form, option);
    const isFlag = form.flags?.includes(option) === true;
    if (!isFlag && kind === undefined) refuse(language, 'option', rawName);
    if (found.findIndex((other) => other.name === option) < at) refuse(language, 'twice', rawName);
    if (isFlag && value !== undefined) refuse(language, 'flag', rawName);
    if (isFlag) continue;
    // a value that looks like an option is one that was forgotten; --name=-value says it all the same
    if (!value || (value.startsWith('-') && !inlineValue)) refuse(language, 'value', rawName);
    if (kind) requireKind(language, kind, rawName, value);
  }
  requireOperands(form, operands, language);
  const withValue = found.filter((token) => token.value !== undefined);
  const options = Object.fromEntries(withValue.map((token) => [token.name, token.value]));
  for (const needed of Object.keys(form.needs ?? {}))
    if (options[needed] === undefined) refuse(language, 'missing', `--${needed}`);
  const flags = new Set(found.map((token) => token.name).filter((flag) => form.flags?.includes(flag)));
  return { form: name, operands, options, flags, language };
}

/** Names of options with a value, in any of the command's forms. */
function valued(command: string): string[] {
  const forms: Form[] = formsOf(command).map((name) => FORMS[name]);
  return ['language', ...forms.flatMap(({ needs, may }) => Object.keys({ ...needs, ...may }))];
}

/** A verb's form where the first word is one, else the command's own. */
function formOf(command: string, positionals: readonly string[], language: Language) {
  const forms = formsOf(command);
  const [verb = '', ...rest] = positionals;
  const ofVerb = forms.find((name) => name === `${command} ${verb}`);
  if (ofVerb) return { name: ofVerb, form: FORMS[ofVerb] as Form, operands: rest };
  const own = forms.find((name) => name === command);
  if (own) return { name: own, form: FORMS[own] as Form, operands: positionals };
  const verbs = forms.map((name) => name.slice(command.length + 1));
  throw new WrongUse(sentence(language, 'verb', { words: verbs.join(', ') }));
}

function kindOf({ needs, may }: Form, option: string): Kind | undefined {
  const kinds: Readonly<Record<string, Kind>> = { language: 'LANGUAGE', ...needs, ...may };
  return Object.hasOwn(kinds, option) ? kinds[option] : undefined;
}

function requireOperands(
  { operands = [], repeats }: Form,
  said: readonly string[],
  language: Language,
): void {
  if (said.length > operands.length && repeats !== true) refuse(language, 'tooMany', '');
  for (const [at, kind] of operands.entries()) {
    const name = SAY[language].kinds[kind];
    if (!said[at]) refuse(language, 'missing', name);
    requireKind(language, kind, name, said[at] ?? '');
  }
}

function requireKind(language: Language, kind: Kind, name: string, value: string): void {
  if (CHECKS[kind]?.(value) !== false) return;
  throw new WrongUse(sentence(language, 'kind', { name, kind: SAY[language].kinds[kind] }));
}

/** Whether somebody asks what a command does; whatever else they typed, nothing is run. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

/** The language that was asked for, or that of the terminal. */
export function languageOf(argv: readonly string[]): Language {
  const at = argv.findIndex((word) => /^--language(=|$)/.test(word));
  const named = argv[at]?.split('=')[1] ?? argv[at + 1] ?? '';
  return at >= 0 && isLanguage(named) ? named : languageOfTerminal();
}

function refuse(language: Language, wrong: Wrong, name: string): never {
  throw new WrongUse(sentence(language, wrong, { name }));
}

function sentence(language: Language, wrong: Wrong, values: Readonly<Record<string, string>>): string {
  return fill(SAY[language].wrong[wrong], values);
}
