import { givenLogs, drain, type Logs } from '../support/log/logs.js';
import { asOwner, holdTable } from '../support/machines/database.js';
import { drive } from './load.js';
import { measure, type Figure, type Plan } from './plan.js';
import { sendMaker } from './sends.js';
import { FastDevice, type Setting } from './setting.js';

const pending = (leaves: number): string => `INSERT INTO log_pending (id, tag, number, leaf)
  SELECT gen_random_uuid(), gen_random_uuid(), 0, '\\x01'::bytea || sha256(int8send(n) || uuid_send(gen_random_uuid()))
  FROM generate_series(1, ${leaves}::bigint) AS n`;

/**
 * Rows 6 and 7: what a leaf costs, however many there are, and what a send loses by the sequencer beside it.
 */
export async function sequencerRows(setting: Setting, plan: Plan): Promise<Figure[]> {
  const logs = await givenLogs();
  await logs.register('an entry');
  try {
    const fresh = await sequence(logs, plan);
    await fill(logs, plan);
    const grown = await sequence(logs, plan);
    return [...leafFigures(fresh, grown, plan), await besideFigure(setting, plan)];
  } finally {
    await logs.close();
  }
}

interface Leaves {
  readonly perSecond: number;
  /** CPU microseconds of this process. */
  readonly cpu: number;
}

async function sequence(logs: Logs, { rounds, leaves }: Plan): Promise<Leaves[]> {
  const measured: Leaves[] = [];
  for (let round = 0; round < rounds; round++) {
    await asOwner(logs.urls, pending(leaves));
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await drain(logs.sequencer);
    const { user, system } = process.cpuUsage(cpu);
    measured.push({
      perSecond: leaves / ((performance.now() - start) / 1000),
      cpu: (user + system) / leaves,
    });
  }
  return measured;
}

async function fill(logs: Logs, { large, leaves }: Plan): Promise<void> {
  for (let done = 0; done < large; done += leaves) {
    await asOwner(logs.urls, pending(leaves));
    await drain(logs.sequencer);
  }
}

function leafFigures(fresh: readonly Leaves[], grown: readonly Leaves[], plan: Plan): Figure[] {
  const of = (leaves: readonly Leaves[]): string =>
    `${(leaves.at(-1)?.perSecond ?? NaN).toFixed(0)} leaves/s`;
  return [
    {
      row: '6',
      what: 'sequencer, CPU µs a leaf (of this process)',
      ratios: fresh.map(({ cpu }) => cpu),
      goal: { is: '≤', value: 9 },
      note: of(fresh),
    },
    {
      row: '6',
      what: `sequencer at ${plan.large} leaves, CPU / at none`,
      ratios: grown.map(({ cpu }, round) => cpu / (fresh[round]?.cpu ?? NaN)),
      goal: { is: '≤', value: 1.1 },
      note: of(grown),
    },
  ];
}

/** Sends with the sequencer at work, and while its lock is held by somebody who does nothing. */
async function besideFigure({ server }: Setting, plan: Plan): Promise<Figure> {
  const sends = await sendMaker(server.network);
  const port = Number(new URL(server.address).port);
  const run = async () => {
    const device = await FastDevice.of(server.network.laRuelle.worker);
    const requests = Array.from({ length: plan.seconds * plan.plenty }, () =>
      device.request('POST', '/v1/referrals', sends.make().body),
    );
    const { answers, seconds } = await drive({
      port,
      connections: 16,
      seconds: plan.seconds,
      next: () => requests.pop(),
    });
    return { perSecond: answers / seconds };
  };
  const alone = async () => {
    const release = await holdTable(server.urls, 'log_head');
    try {
      return await run();
    } finally {
      await release();
    }
  };
  const rounds = await measure(plan, { beside: run, alone }, ({ beside, alone: one }) => ({
    ratio: (beside?.perSecond ?? NaN) / (one?.perSecond ?? NaN),
    note: `${beside?.perSecond.toFixed(0)}/s against ${one?.perSecond.toFixed(0)}/s`,
  }));
  return {
    row: '7',
    what: 'full send beside the sequencer / alone',
    ratios: rounds.map(({ ratio }) => ratio),
    goal: { is: '≥', value: 0.92 },
    note: rounds.at(-1)?.note ?? '',
  };
}
