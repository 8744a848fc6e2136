import { describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../src/cli/language.js';
import { FORMS, type Form, type FormName, type Kind } from '../../src/cli/asked/forms.js';
import { helpOfAll } from '../../src/cli/asked/help.js';
import { SAY } from '../../src/cli/asked/messages.js';
import { asksForHelp, readAsked, WrongUse } from '../../src/cli/asked/read.js';

const GOOD: Readonly<Record<Kind, string>> = {
  FOLDER: 'folder with spaces',
  FILE: 'file',
  PLACE: 'https://relais.example',
  ADDRESS: 'https://relais.example',
  ID: '3b241101-e2bb-4255-8caf-4136c566a962',
  NUMBER: '59',
  LANGUAGE: 'en',
  'HOST:PORT': '[::1]:8443',
  'FOLDER|lost': 'lost',
};
const BAD: Partial<Record<Kind, string[]>> = {
  ADDRESS: ['relais.example', 'ftp://relais.example', 'https://'],
  ID: ['..', '3b241101'],
  NUMBER: ['0x10', '1e1', '0', '59.5', '9999999'],
  'HOST:PORT': ['8443', 'a:b', '127.0.0.1:65536', 'a:1:2'],
};

const forms = Object.entries(FORMS) as [FormName, Form][];

/** The words of a form, with everything that it needs and nothing more. */
function wordsOf(name: FormName, { operands = [], needs = {} }: Form): string[] {
  const options = Object.entries(needs).flatMap(([option, kind]) => [`--${option}`, GOOD[kind]]);
  return [...name.split(' '), ...operands.map((kind) => GOOD[kind]), ...options];
}

function read([command = '', ...argv]: readonly string[]) {
  return readAsked(command, [...argv, '--language', 'en']);
}

describe.each(forms)('relais %s', (name, form) => {
  const good = wordsOf(name, form);
  const refused = (words: readonly string[], says: RegExp): void => {
    expect(() => read(words)).toThrow(WrongUse);
    expect(() => read(words)).toThrow(says);
  };

  it('is taken with what it needs, and with all that it may have', () => {
    expect(read(good).form).toBe(name);
    const may = Object.entries(form.may ?? {});
    const flags = form.flags ?? [];
    const { options, flags: said } = read([
      ...good,
      ...may.map(([option, kind]) => `--${option}=${GOOD[kind]}`),
      ...flags.map((flag) => `--${flag}`),
    ]);
    for (const [option, kind] of may) expect(options[option]).toBe(GOOD[kind]);
    expect([...said]).toEqual(flags);
  });

  it('is refused with what it does not have', () => {
    for (const option of ['--nonsense', '--nonsense=1', '-x', '--constructor', '--__proto__=1', '--toString'])
      refused([...good, option], /There is no option/);
    if (form.repeats !== true) refused([...good, 'more'], /one word too many/);
    for (const flag of form.flags ?? []) refused([...good, `--${flag}=yes`], /takes no value/);
  });

  it('is refused without what it needs, or with a value that is none', () => {
    for (const [option, kind] of Object.entries(form.needs ?? {})) {
      const at = good.indexOf(`--${option}`);
      refused(good.toSpliced(at, 2), /is missing/);
      refused(good.toSpliced(at + 1, 1), /needs a value/);
      refused(good.with(at + 1, ''), /needs a value/);
      refused([...good, `--${option}=${GOOD[kind]}`], /twice/);
      for (const bad of BAD[kind] ?? []) refused(good.with(at + 1, bad), /must be/);
    }
  });

  it('has help in each language, and help is asked for wherever it stands', () => {
    for (const language of LANGUAGES) {
      expect(helpOfAll(language)).toContain(`relais ${name}`);
      expect(SAY[language].does[name].length).toBeGreaterThan(10);
    }
    for (let at = 1; at <= good.length; at++)
      expect(asksForHelp(good.toSpliced(at, 0, '--help').slice(1))).toBe(true);
  });
});

describe('a refusal', () => {
  it('repeats no value that was typed, which may be a secret', () => {
    for (const argv of [
      ['audit', 'draw', 's3cret', '--state=x'],
      ['export', 'open', 'f', '--code=s3cret', '--to=x'],
    ])
      expect(() => read(argv)).toThrow(/^((?!s3cret).)*$/);
  });

  it('names the words that a command goes with', () => {
    expect(() => read(['witness'])).toThrow(/new, pull, serve/);
    expect(() => read(['witness', 'sing'])).toThrow(/new, pull, serve/);
  });
});
