import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = new URL('..', import.meta.url).pathname;
const FOLDERS = ['docs', 'migrations', 'scripts', 'src', 'test'];
const TEXTS = /\.(?:[cm]?[jt]sx?|json|md|py)$/;
/** Pages that a command writes and nobody keeps. */
const GENERATED = ['reports/bench.md'];

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const within = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const files = [...readdirSync(ROOT), ...FOLDERS.flatMap(within)].filter((path) => TEXTS.test(path));
const pages = files.filter((path) => path.endsWith('.md'));

/** A comment goes on in its next line, behind its mark. */
const unwrapped = (text: string): string => text.replace(/\n\s*(?:\*|\/\/|#)? */g, ' ');
const withoutCode = (text: string): string =>
  text.replace(/^ *```.*?^ *```/gms, '').replace(/`[^`\n]*`/g, '');
const headingsOf = (path: string): string[] =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.replaceAll('`', ''));
/** What a forge makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

interface Citation {
  readonly from: string;
  readonly page: string;
  readonly section: string | undefined;
}

const CITATION = /(?<![\w/.:-])((?:[\w.-]+\/)*[\w-]+\.md)(?![\w/])(?:, (?:\*([^*]+)\*|"([^"]+)"))?/g;
const citationsIn = (from: string): Citation[] =>
  [...unwrapped(read(from)).matchAll(CITATION)].map(([, page = '', starred, quoted]) => ({
    from,
    page,
    section: starred ?? quoted,
  }));

interface Link {
  readonly from: string;
  readonly target: string;
}

const linksIn = (from: string): Link[] =>
  [...withoutCode(read(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => ({ from, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));

function leadsNowhere({ from, target }: Link): boolean {
  const [path = '', anchor] = target.split('#');
  const page = path === '' ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(ROOT, page))) return true;
  return anchor !== undefined && !headingsOf(page).map(anchorOf).includes(anchor);
}

/** Every page of a folder that its index does not link to. */
function notListed(index: string, listed: readonly string[]): string[] {
  const linked = linksIn(index).map(({ target }) =>
    normalize(join(dirname(index), target.split('#')[0] ?? '')),
  );
  return listed.filter((path) => path !== index && !linked.includes(path));
}

describe('documents', () => {
  it('every page that is cited exists, and has the section', () => {
    const cited = files.filter((path) => path !== 'package-lock.json').flatMap(citationsIn);
    const wrong = cited.filter(({ from, page, section }) => {
      if (GENERATED.includes(page)) return false;
      const found = [page, join(dirname(from), page), join('docs', page)].find((path) =>
        existsSync(join(ROOT, path)),
      );
      return found === undefined || (section !== undefined && !headingsOf(found).includes(section));
    });
    expect(wrong).toEqual([]);
    expect(cited.filter(({ section }) => section !== undefined).length).toBeGreaterThan(20);
  });

  it('every decision that is cited by its number exists', () => {
    const numbers = new Set(readdirSync(join(ROOT, 'docs/adr')).map((name) => Number.parseInt(name, 10)));
    const cited = files.flatMap((from) =>
      [...read(from).matchAll(/\bADR (\d+)/g)].map(([, number]) => ({ from, number: Number(number) })),
    );
    expect(cited.filter(({ number }) => !numbers.has(number))).toEqual([]);
  });

  it('every link between documents leads to a page and to a section', () => {
    expect(pages.flatMap(linksIn).filter(leadsNowhere)).toEqual([]);
  });

  it.each([
    ['docs/README.md', pages.filter((path) => /^docs\/[^/]+\.md$|^docs\/[^/]+\/README\.md$/.test(path))],
    ['docs/adr/README.md', pages.filter((path) => path.startsWith('docs/adr/'))],
    ['docs/protocol/README.md', pages.filter((path) => path.startsWith('docs/protocol/'))],
  ])('%s lists every page', (index, listed) => {
    expect(listed.length).toBeGreaterThan(1);
    expect(notListed(index, listed)).toEqual([]);
  });
});
