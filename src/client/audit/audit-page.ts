import type { AuditReport, Violation } from '../../protocol/audit/report.js';
import { visibleText } from '../../protocol/encoding/plain-text.js';
import { fill, type Messages } from './audit-messages.js';

const MOST_LINES = 20;

/** The report as one page for a person. */
export function pageOf(report: AuditReport, say: Messages): string {
  const { violations, missing, unknownFiles, counts, checks } = report;
  return (
    [
      say.title,
      '',
      verdict(report, say),
      report.witnessed ? say.witnessed : say.unwitnessed,
      '',
      fill(say.counts, { ...counts }),
      ...sampled(report, say),
      ...section(
        say.found,
        violations.map((violation) => describe(violation, say)),
        say,
      ),
      ...section(say.missing, missing, say),
      ...section(
        say.checked,
        checks.map(({ name, ok, count }) => `${ok ? '✓' : '✗'} ${say.checks[name]} (${count})`),
      ),
      ...section(say.open, gapsOf(report, say)),
      ...section(say.unknownFiles, unknownFiles, say),
      '',
    ]
      // file names come from whoever made the copy: nothing of theirs moves the terminal, or hides
      .map((line) => visibleText(line.replaceAll('\n', '\uFFFD')))
      .join('\n')
  );
}

/** How a sample came out, and what nobody has shown. */
function sampled({ sample }: AuditReport, say: Messages): string[] {
  if (!sample) return [];
  const { unanswered, ...counts } = sample;
  const line = fill(say.sampled, { ...counts, silent: unanswered.length });
  return [line, ...section(say.unanswered, unanswered, say)];
}

function verdict({ violations, sound }: AuditReport, say: Messages): string {
  if (violations.length > 0) return fill(say.unsound, { n: violations.length });
  return sound ? say.sound : say.incomplete;
}

function describe({ check, subject, detail }: Violation, say: Messages): string {
  return `${subject}: ${say.checks[check]}: ✗ [${check}/${detail}]`;
}

function gapsOf({ gaps }: AuditReport, say: Messages): string[] {
  return [...gaps.map(({ gap, count }) => fill(say.gaps[gap], { n: count })), say.alwaysOpen];
}

/** A list under its heading; a long one is cut short where `say` is given. */
function section(heading: string, lines: readonly string[], say?: Messages): string[] {
  if (lines.length === 0) return [];
  const shown = say ? lines.slice(0, MOST_LINES) : lines;
  const rest = lines.length - shown.length;
  return [
    '',
    heading,
    ...shown.map((line) => `  ${line}`),
    ...(say && rest > 0 ? [`  ${fill(say.more, { n: rest })}`] : []),
  ];
}
