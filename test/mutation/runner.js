import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { testsOf } from './globals.js';

/** Milliseconds that each test took when nothing was mutated, in the folder that Stryker works in. */
const TIMES = 'test-times.json';
/** Coverage while specs prepare themselves belongs to no test, and is no module's own either. */
const PREPARING = '(preparing)';
/** Where instrumented code looks for what is mutated, and counts. */
const stryker = (globalThis.__stryker__ ??= {});

/**
 * Runs specs for Stryker in one process that loads them once: a mutant costs the few tests that reach it, and
 * no start of jest. What a spec prepares (the bodies of `describe`, `beforeAll`) is prepared once, by sources
 * that are not mutated. The test that found the last mutant is tried first on the next, which is likely its
 * neighbour.
 */
class InProcessRunner {
  static inject = ['options'];
  #tests;

  constructor({ inProcess }) {
    this.of = inProcess;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    const tests = [];
    for (const test of await this.#load()) tests.push(await run(test));
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(tests.map((t) => [t.id, t.timeSpentMs]))));
    const { [PREPARING]: _, ...perTest } = stryker.mutantCoverage.perTest;
    return { status: 'complete', tests, mutantCoverage: { ...stryker.mutantCoverage, perTest } };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    if (mutantActivation === 'static') stryker.activeMutant = activeMutant.id;
    const tests = await this.#load();
    const chosen = testFilter ? tests.filter(({ id }) => testFilter.includes(id)) : tests;
    for (const test of chosen) await prepare(test);
    Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const failed = await firstFailure(chosen);
    stryker.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    if (stryker.hitCount > hitLimit) return { status: 'timeout', reason: 'endless' };
    if (!failed) return { status: 'survived', nrOfTests: chosen.length };
    this.#tests = [failed.test, ...tests.filter((test) => test !== failed.test)];
    if (mutantActivation !== 'static') await requireSound(failed.test);
    return { status: 'killed', killedBy: [failed.id], nrOfTests: 1, failureMessage: failed.failureMessage };
  }

  async #load() {
    return (this.#tests ??= await load(this.of));
  }
}

/**
 * Sources first, so that what a module does while it is loaded is told from what a spec does. Quick tests
 * come first.
 */
async function load({ sources, specs, except, setup, replace }) {
  register('./hooks.js', { parentURL: import.meta.url, data: replace });
  for (const file of [...setup, ...filesOf(sources, /(?<!\.spec|\.d)\.ts$/)]) await importFile(file);
  stryker.currentTestId = PREPARING;
  const tests = [];
  for (const file of filesOf(specs, /\.spec\.ts$/).filter((name) => !except.includes(name)))
    tests.push(...(await testsOf(file, () => importFile(file))));
  const times = readTimes();
  return tests.sort((a, b) => (times[a.id] ?? 0) - (times[b.id] ?? 0));
}

function filesOf(places, pattern) {
  const files = places.flatMap((place) =>
    place.endsWith('.ts')
      ? [place]
      : readdirSync(place, { recursive: true }).map((name) => join(place, name)),
  );
  return files.filter((file) => pattern.test(file)).sort();
}

function importFile(file) {
  return import(pathToFileURL(resolve(file)).href);
}

function readTimes() {
  try {
    return JSON.parse(readFileSync(TIMES, 'utf8'));
  } catch {
    return {};
  }
}

async function prepare({ suite }) {
  stryker.currentTestId = PREPARING;
  for (const before of suite.once) await before();
}

async function run(test) {
  await prepare(test);
  stryker.currentTestId = test.id;
  const start = performance.now();
  const failureMessage = await failureOf(test);
  const timeSpentMs = performance.now() - start;
  stryker.currentTestId = PREPARING;
  const result = { id: test.id, name: test.name, fileName: test.file, timeSpentMs };
  return failureMessage === undefined
    ? { ...result, status: 0 }
    : { ...result, status: 1, failureMessage, test };
}

async function failureOf({ suite, body }) {
  try {
    for (const { before } of suite.around) for (const each of before) await each();
    await body();
    return undefined;
  } catch (error) {
    return String(error?.message ?? error);
  } finally {
    for (const { after } of suite.around) for (const each of after) await each();
  }
}

async function firstFailure(tests) {
  for (const test of tests) {
    const result = await run(test);
    if (result.status !== 0) return result;
  }
  return undefined;
}

/**
 * A test that fails without the mutant, too, says nothing: something is spoilt, and Stryker starts a new
 * process.
 */
async function requireSound(test) {
  Object.assign(stryker, { hitLimit: undefined, hitCount: undefined });
  if ((await run(test)).status !== 0) throw new Error(`spoilt by an earlier mutant: ${test.id}`);
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
