import type { Language } from '../language.js';
import { FORMS, formsOf, type Form, type FormName } from './forms.js';
import { SAY } from './messages.js';

const WIDTH = 76;

/** Every command, for `relais --help`. */
export function helpOfAll(language: Language): string {
  const { title, everywhere } = SAY[language];
  const names = Object.keys(FORMS) as FormName[];
  return [title, '', ...names.map((name) => helpOf(name, language)), '', everywhere, ''].join('\n');
}

/** One command in each of its forms. */
export function helpOfCommand(command: string, language: Language): string {
  return [...formsOf(command).map((name) => helpOf(name, language)), '', SAY[language].everywhere, ''].join(
    '\n',
  );
}

function helpOf(name: FormName, language: Language): string {
  const does = wrap(SAY[language].does[name]).map((line) => `      ${line}`);
  return [`  ${synopsis(name, language)}`, ...does].join('\n');
}

function synopsis(name: FormName, language: Language): string {
  const { operands = [], repeats, needs = {}, may = {}, flags = [] }: Form = FORMS[name];
  const { kinds } = SAY[language];
  const of = (options: NonNullable<Form['needs']>): string[] =>
    Object.entries(options).map(([option, kind]) => `--${option} ${kinds[kind]}`);
  const parts = [
    ...operands.map((kind) => kinds[kind]),
    ...(repeats ? ['…'] : []),
    ...of(needs),
    ...[...of(may), ...flags.map((flag) => `--${flag}`)].map((part) => `[${part}]`),
  ];
  return ['relais', name, ...parts].join(' ');
}

function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = [lines.at(-1), word].filter(Boolean).join(' ');
    if (line.length > WIDTH) lines.push(word);
    else lines.splice(-1, 1, line);
  }
  return lines;
}
