import { mkdirSync, writeFileSync } from 'node:fs';
import { auditRows } from './audit.row.js';
import { footprintRows } from './footprint.row.js';
import { findingRows, growthRows } from './growth.row.js';
import { median, planOf, type Figure, type Plan } from './plan.js';
import { requestRows } from './requests.row.js';
import { sealRows } from './seal.row.js';
import { sequencerRows } from './sequencer.row.js';
import { givenSetting, type Setting } from './setting.js';

const ROWS: Readonly<Record<string, (setting: Setting, plan: Plan) => Promise<Figure[]>>> = {
  requests: requestRows,
  growth: growthRows,
  finding: findingRows,
  sequencer: sequencerRows,
  audit: auditRows,
  footprint: footprintRows,
  seal: sealRows,
};

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !Object.hasOwn(ROWS, name));
if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')}`);
const plan = planOf(args);
const lines = [
  '| row | what | median | rounds that meet it | goal | last round |',
  '|---|---|---|---|---|---|',
];
process.stdout.write(`${lines.join('\n')}\n`);
for (const [name, rows] of Object.entries(ROWS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const setting = await givenSetting();
  try {
    for (const figure of await rows(setting, plan)) {
      lines.push(lineOf(figure));
      process.stdout.write(`${lineOf(figure)}\n`);
    }
  } finally {
    await setting.close();
  }
}
mkdirSync('reports', { recursive: true });
writeFileSync('reports/bench.md', `${lines.join('\n')}\n`);

function lineOf({ row, what, ratios, goal, note }: Figure): string {
  if (ratios.length === 0 || ratios.some((ratio) => !Number.isFinite(ratio)))
    throw new Error(`row ${row}, ${what}: not measured`);
  const met = ratios.filter((ratio) => (goal.is === '≥' ? ratio >= goal.value : ratio <= goal.value)).length;
  return `| ${[row, what, median(ratios).toFixed(2), `${met} of ${ratios.length}`, `${goal.is} ${goal.value}`, note].join(' | ')} |`;
}
