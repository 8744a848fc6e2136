import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import reasonCodes from '../../src/protocol/referral/reason-codes.json' with { type: 'json' };
import machine from '../../src/protocol/referral/referral-state-machine.json' with { type: 'json' };
import {
  ACTS,
  ERASING_STATUSES,
  EVENTS,
  findTransition,
  isBusinessStatus,
  isOthersReason,
  isReasonCode,
  isTerminal,
  nextStatus,
  OPEN_STATUSES,
  STATUSES,
  type ReasonList,
  type Status,
} from '../../src/protocol/referral/state-machine.js';

const transitions = EVENTS.map((event) => {
  const transition = findTransition(event);
  if (!transition) throw new Error(event);
  return transition;
});
const LISTS: readonly ReasonList[] = [
  'rejected',
  'on-hold',
  'cancelled',
  'failed',
  'completed',
  'entered-in-error',
];
const KINDS = [
  'consent.given',
  'handoff.released',
  'handoff.received',
  'consent.renewed',
  'consent.withdrawn',
  'consent.invalidated',
];

describe('the data file', () => {
  it('has each event once, and names those that a service can ask for', () => {
    expect(new Set(EVENTS).size).toBe(EVENTS.length);
    expect(ACTS).toEqual([
      ...['acknowledge', 'accept', 'decline', 'start', 'hold', 'complete', 'fail', 'return', 'release'],
      ...[
        'recall',
        'withdraw-consent',
        'void',
        'request-info',
        'provide-info',
        'extend-deadline',
        'reminder',
      ],
      ...['business-status', 'renew-consent'],
    ]);
  });

  it('has transitions of the form that the types give them', () => {
    for (const { from, to, reason, outcome, fixedReason, statements, actor } of transitions) {
      for (const status of [...from, ...(to === null ? [] : [to])]) expect(STATUSES).toContain(status);
      if (reason !== undefined) expect(LISTS).toContain(reason);
      if (outcome !== undefined) expect(outcome).toBe('completed');
      for (const kind of statements ?? []) expect(KINDS).toContain(kind);
      expect(from.length).toBeGreaterThan(0);
      expect(actor).not.toBe('');
      expect([reason, outcome, fixedReason].filter((word) => word !== undefined).length).toBeLessThan(2);
    }
  });

  it('asks for a reason exactly where the state it leads to needs one', () => {
    for (const { to, reason, outcome, fixedReason } of transitions) {
      if (to === null) continue;
      const needs = machine.states[to] as { reasonRequired?: boolean; outcomeRequired?: boolean };
      const isVoid = to === 'entered-in-error';
      expect([to, reason === to || fixedReason !== undefined]).toEqual([
        to,
        isVoid || needs.reasonRequired === true,
      ]);
      expect([to, outcome === to]).toEqual([to, needs.outcomeRequired === true]);
    }
  });

  it('gives no reason by itself that the closed list does not hold', () => {
    for (const { to, fixedReason } of transitions)
      if (fixedReason !== undefined) expect(isReasonCode(to as ReasonList, fixedReason)).toBe(true);
  });

  it('has closed lists of codes, each code once, none that could hold a name', () => {
    for (const list of LISTS) {
      const codes = reasonCodes[list];
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes).size).toBe(codes.length);
      for (const code of codes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
    expect(isReasonCode('rejected', 'waitlisted')).toBe(false);
    expect(isReasonCode('rejected', '')).toBe(false);
  });
});

describe('a referral', () => {
  it('is a draft, open, or closed, and never two of them', () => {
    expect(OPEN_STATUSES).toEqual(['requested', 'received', 'accepted', 'in-progress', 'on-hold']);
    const closed = STATUSES.filter(isTerminal);
    expect([...STATUSES].sort()).toEqual(['draft', ...OPEN_STATUSES, ...closed].sort());
  });

  it('moves only by an event that its state knows', () => {
    expect(nextStatus('requested', 'acknowledge')).toBe('received');
    expect(nextStatus('requested', 'accept')).toBeUndefined();
    expect(nextStatus('accepted', 'release')).toBe('accepted');
    expect(nextStatus('requested', 'admit')).toBeUndefined();
  });

  it('is given no reason by one side that only another can give', () => {
    for (const code of ['consent-withdrawn', 'consent-expired', 'no-response'])
      expect([isOthersReason(code, 'source'), isOthersReason(code, 'target')]).toEqual([true, true]);
    expect(isOthersReason('no-response', 'clock')).toBe(false);
    expect(isOthersReason('returned-to-source', 'target')).toBe(false);
    expect(isOthersReason('need-met-elsewhere', 'source')).toBe(false);
  });

  it('leaves a closed state only to be declared an error', () => {
    for (const status of STATUSES.filter(isTerminal)) {
      const events = EVENTS.filter((event) => nextStatus(status, event) !== undefined);
      expect(events).toEqual(status === 'entered-in-error' ? [] : ['void']);
    }
  });

  it('is withdrawn from every open state, and nothing of it is kept', () => {
    for (const status of OPEN_STATUSES) expect(nextStatus(status, 'withdraw-consent')).toBe('cancelled');
    expect(ERASING_STATUSES).toEqual(['rejected', 'cancelled', 'entered-in-error']);
    for (const status of ERASING_STATUSES) expect(isTerminal(status)).toBe(true);
  });

  it('can be read by the target only after the target signed for it', () => {
    const readable = (status: Status): boolean =>
      ['received', 'accepted', 'in-progress', 'on-hold', 'completed', 'failed'].includes(status);
    for (const { event, from, to } of transitions)
      if (to !== null && readable(to) && !from.every(readable)) expect(event).toBe('acknowledge');
  });

  it('never comes back from where it ended, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        let status: Status = 'draft';
        for (const event of events) {
          const next: Status = nextStatus(status, event) ?? status;
          if (isTerminal(status)) expect([status, 'entered-in-error']).toContain(next);
          if (status !== 'draft') expect(next).not.toBe('draft');
          status = next;
        }
      }),
    );
  });
});

describe('what is said inside a state', () => {
  it('is a code of its own list, and never what only a question says', () => {
    expect(isBusinessStatus('appointment-set')).toBe(true);
    for (const code of ['info-requested', 'waitlisted', '']) expect(isBusinessStatus(code)).toBe(false);
    for (const code of reasonCodes.businessStatus)
      expect(reasonCodes.bserBusinessStatus).toHaveProperty([code]);
  });

  it('changes no state, and is said of what is open', () => {
    for (const { event } of machine.statelessEvents)
      for (const status of STATUSES)
        expect([undefined, ...OPEN_STATUSES.filter((open) => open === status)]).toContain(
          nextStatus(status, event),
        );
  });
});

describe('a transition that is not there', () => {
  it('is not found', () => {
    expect(findTransition('forward')).toBeUndefined();
  });
});
