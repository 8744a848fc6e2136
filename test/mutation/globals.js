/** What specs import from `@jest/globals`, for tests that run again and again in one process. */
export { expect } from 'expect';

const tests = [];
let suite = outermost();

export function describe(name, body) {
  const outer = suite;
  suite = { ...outer, path: [...outer.path, name], around: [...outer.around, { before: [], after: [] }] };
  body();
  suite = outer;
}

export function it(name, body) {
  tests.push({ suite, name: [...suite.path, name].join(' › '), body });
}

describe.each = each(describe);
it.each = each(it);

/**
 * What the outermost `describe` prepares is prepared once, and stays; what is done for one within, for each
 * test anew.
 */
export function beforeAll(run) {
  if (suite.path.length > 1) beforeEach(run);
  else suite.once.push(once(run));
}

export function afterAll(run) {
  if (suite.path.length > 1) afterEach(run);
}

export function beforeEach(run) {
  suite.around.at(-1).before.push(run);
}

export function afterEach(run) {
  suite.around.at(-1).after.push(run);
}

/** Every test that a file registers while `load` imports it; the number tells tests of one name apart. */
export async function testsOf(file, load) {
  suite = outermost();
  tests.length = 0;
  await load();
  return tests.map((test, i) => ({ ...test, file, id: `${file} ${i} ${test.name}` }));
}

function outermost() {
  return { path: [], once: [], around: [{ before: [], after: [] }] };
}

function each(register) {
  return (rows) => (name, body) => {
    for (const [i, row] of rows.entries())
      register(`${name} [${i}]`, () => body(...(Array.isArray(row) ? row : [row])));
  };
}

function once(run) {
  let running;
  return () => (running ??= run());
}
