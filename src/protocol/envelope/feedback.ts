/** The three questions, and what can be answered; each can be left out. */
export const FEEDBACK = {
  reached: ['yes', 'not-yet', 'no'],
  helped: ['yes', 'partly', 'no'],
  respected: ['yes', 'partly', 'no'],
} as const;

export type Question = keyof typeof FEEDBACK;
export type Answers = { readonly [Q in Question]: (typeof FEEDBACK)[Q][number] | null };

/** One person's answers, as they are counted: without the person, the case, and the day. */
export type CountedAnswers = Answers & {
  /** Organisation that sent. */
  readonly source: string;
  /** Service that received. */
  readonly target: string;
};

export interface Cell {
  readonly service: string;
  readonly question: Question;
  readonly answer: string;
  /** Rounded to 5 from 10 on; null where it is withheld. */
  readonly count: number | '<10' | null;
}

export interface FeedbackTable {
  readonly quarter: string;
  /** All answered receipts, rounded to 10. */
  readonly total: number;
  readonly cells: readonly Cell[];
}

const LEAST = 10;
const SOURCES = 3;
const LARGEST_SHARE = 0.7;

/**
 * The table of a quarter as it may be seen (docs/protocol/receipt.md, *Feedback*): a cell below ten is "<10",
 * else rounded to 5; one to which fewer than three organisations have sent, or one of them more than 70 %, is
 * withheld; no total of a row or a column, so that nothing gives a cell back.
 */
export function feedbackTable(quarter: string, rows: readonly CountedAnswers[]): FeedbackTable {
  const services = [...new Set(rows.map(({ target }) => target))].sort();
  const cells = services.flatMap((service) => {
    const own = rows.filter(({ target }) => target === service);
    return (Object.keys(FEEDBACK) as Question[]).flatMap((question) =>
      FEEDBACK[question].map((answer) => {
        const sources = own.filter((row) => row[question] === answer).map(({ source }) => source);
        return { service, question, answer, count: shown(sources) };
      }),
    );
  });
  return { quarter, total: Math.round(rows.length / 10) * 10, cells };
}

function shown(sources: readonly string[]): Cell['count'] {
  const count = sources.length;
  if (count < LEAST) return '<10';
  const bySource = new Map<string, number>();
  for (const source of sources) bySource.set(source, (bySource.get(source) ?? 0) + 1);
  const isSpread = bySource.size >= SOURCES && Math.max(...bySource.values()) <= LARGEST_SHARE * count;
  return isSpread ? Math.round(count / 5) * 5 : null;
}
