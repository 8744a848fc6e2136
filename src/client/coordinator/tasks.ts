import { addDays } from '../../protocol/encoding/days.js';
import { readHeader } from '../../protocol/encoding/signed.js';
import { epochsOf } from '../../protocol/registry/registry-keys.js';
import { listAgreements } from './agreements.js';
import { judgeColleagues } from '../device/colleagues.js';
import type { Device } from '../device/device.js';
import { settleEach } from '../device/each.js';
import { lostEntries, strangeEntries } from './own-entries.js';
import { missingWitnesses } from './witness.js';
import { readNetwork } from './found.js';
import type { UnusualName } from '../../protocol/encoding/name-warnings.js';
import { unusualNamesOf } from './unusual.js';

/** As agreements are called to mind: time enough to meet and sign again. */
const DAYS_AHEAD = 60;
/**
 * `maintainKeys` renews certificates and makes epochs long before; within these days it has not been able to.
 */
const OVERDUE_DAYS = 14;

/** What waits for a coordinator; `until` is the last day of what ends, `YYYY-MM-DD`. */
export type CoordinatorTask =
  | { readonly kind: 'coordinator-key-ends'; readonly until: string }
  | { readonly kind: 'service-key-ends'; readonly service: string; readonly until: string }
  | { readonly kind: 'certificate-ends'; readonly device: string; readonly until: string }
  | {
      readonly kind: 'agreement-to-sign';
      readonly agreement: string;
      readonly until: string;
      /** Names of the parties and of their services at which to look twice first. */
      readonly unusual: readonly UnusualName[];
    }
  | { readonly kind: 'agreement-ends'; readonly agreement: string; readonly until: string }
  /** Somebody else posted it in the organisation's name: see `strangeEntries`. */
  | {
      readonly kind: 'entry-not-mine';
      readonly index: number;
      readonly typ: string;
      readonly until: string;
      readonly unusual: readonly UnusualName[];
    }
  /** The server was put back from a backup that lacks it: see `repostLostEntries`. */
  | { readonly kind: 'entry-lost'; readonly typ: string; readonly until: string }
  /**
   * For more than a day no quorum of witnesses has seen the logs; those of these organisations have not
   * cosigned.
   */
  | { readonly kind: 'log-unwitnessed'; readonly missing: readonly string[]; readonly until: string }
  /**
   * The registry has entries that only a newer version understands: until then this device seals and signs
   * nothing.
   */
  | { readonly kind: 'upgrade-needed'; readonly index: number; readonly typ: string; readonly until: string }
  /** The server lists a device whose certificate or key does not hold: it gets no keys. */
  | { readonly kind: 'device-refused'; readonly check: string; readonly until: string }
  /** One of the lists out of which the tasks are made could not be read: what it would say is not known. */
  | { readonly kind: 'list-refused'; readonly list: string; readonly check: string; readonly until: string };

/**
 * What a coordinator has to see to, the most urgent first. Worked out on the device from the registry and the
 * certificates of its colleagues: no server decides what a coordinator is reminded of. Where one list cannot
 * be read, the others are shown.
 * @throws Refused `not-a-coordinator`
 * @example
 * for (const task of await coordinatorTasks(coordinator)) show(task.kind, task.until);
 */
export async function coordinatorTasks(coordinator: Device): Promise<CoordinatorTask[]> {
  // whoever is none has no tasks, and is told so
  coordinator.coordinatorKey();
  const until = await coordinator.today();
  const { done, refused } = await settleEach(LISTS, ([, list]) => list(coordinator));
  const unread = refused.map(({ item, check }): CoordinatorTask => {
    return { kind: 'list-refused', list: item[0], check, until };
  });
  return [...done.flat(), ...unread].sort((a, b) => (a.until < b.until ? -1 : 1));
}

const LISTS = Object.entries({ newer, ownKey, services, devices, agreements, witnesses, strangers, lost });

async function newer(coordinator: Device): Promise<CoordinatorTask[]> {
  const { upgrade } = await coordinator.registry();
  const until = await coordinator.today();
  return upgrade ? [{ kind: 'upgrade-needed', ...upgrade, until }] : [];
}

async function ownKey(coordinator: Device): Promise<CoordinatorTask[]> {
  const { coordinators } = await coordinator.registry();
  const until = coordinators.get(coordinator.coordinatorKey().kid)?.until ?? (await coordinator.today());
  return until <= addDays(await coordinator.today(), DAYS_AHEAD)
    ? [{ kind: 'coordinator-key-ends', until }]
    : [];
}

async function services(coordinator: Device): Promise<CoordinatorTask[]> {
  const registry = await coordinator.registry();
  const soon = addDays(await coordinator.today(), OVERDUE_DAYS);
  return coordinator.services.flatMap((service) => {
    const until =
      epochsOf(registry, service).findLast(({ revokedAt }) => revokedAt === undefined)?.until ?? '';
    return until <= soon ? [{ kind: 'service-key-ends' as const, service, until }] : [];
  });
}

async function devices(coordinator: Device): Promise<CoordinatorTask[]> {
  const today = await coordinator.today();
  const soon = addDays(today, OVERDUE_DAYS);
  const { done, refused } = await judgeColleagues(coordinator);
  const ending = done
    .filter(({ revoked, certificate: { until } }) => !revoked && today <= until && until <= soon)
    .map(({ certificate: { device, until } }) => ({ kind: 'certificate-ends', device, until }) as const);
  return [
    ...ending,
    ...refused.map(({ check }) => ({ kind: 'device-refused', check, until: today }) as const),
  ];
}

async function witnesses(coordinator: Device): Promise<CoordinatorTask[]> {
  const { unwitnessedSince } = await readNetwork(coordinator.transport);
  if (unwitnessedSince === null) return [];
  const missing = await missingWitnesses(coordinator);
  return [{ kind: 'log-unwitnessed', missing, until: unwitnessedSince.slice(0, 10) }];
}

async function strangers(coordinator: Device): Promise<CoordinatorTask[]> {
  const until = await coordinator.today();
  return (await strangeEntries(coordinator)).map(({ index, typ, unusual }) => ({
    kind: 'entry-not-mine',
    index,
    typ,
    until,
    unusual,
  }));
}

async function lost(coordinator: Device): Promise<CoordinatorTask[]> {
  const until = await coordinator.today();
  return (await lostEntries(coordinator)).map((text) => ({
    kind: 'entry-lost',
    typ: readHeader(text).typ,
    until,
  }));
}

async function agreements(coordinator: Device): Promise<CoordinatorTask[]> {
  const own = coordinator.organisation.id;
  const known = await listAgreements(coordinator);
  const tasks = known.map(
    async ({ terms, state, signers, lastDay: until, endsSoon }): Promise<CoordinatorTask[]> => {
      const { agreement, parties } = terms;
      if (state === 'proposed' && !signers.includes(own))
        return [
          {
            kind: 'agreement-to-sign',
            agreement,
            until,
            unusual: await unusualNamesOf(coordinator, parties),
          },
        ];
      return endsSoon ? [{ kind: 'agreement-ends', agreement, until }] : [];
    },
  );
  return (await Promise.all(tasks)).flat();
}
