import { Injectable } from '@nestjs/common';
import { Database, named, sql } from '../../../database/index.js';
import type { Charter } from '../../../protocol/registry/charter.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import { CharterService } from '../../charter/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { Idempotency, untilDecided, type IdempotentCall } from '../../common/http/index.js';
import { RegistryService } from '../../organisations/index.js';

/** What an act is judged by: the registry as followed, the charter in force, today by the database. */
export interface Context {
  readonly registry: Registry;
  readonly charter: Charter;
  readonly today: string;
}

/** What `CONTEXT_HOLDS` compares. */
export interface ContextValues {
  readonly entries: number;
  readonly today: string;
  readonly charterVersion: number;
}

const v = named<ContextValues>();

/** CTE that has a row while the context still holds and nobody else works on this key. */
export const CONTEXT_HOLDS = sql`holds AS MATERIALIZED (
    SELECT FROM free, registry_head h WHERE h.next = ${v.entries} AND domain_today() = ${v.today}
      AND (SELECT max(version) FROM charter_version WHERE valid_from <= domain_today()) = ${v.charterVersion}
  )`;

/** The context that an act was judged by. */
export function contextValues({ registry, charter, today }: Context): ContextValues {
  return { entries: registry.entries.length, today, charterVersion: charter.version };
}

/**
 * Judges acts by what this process knows, so that nothing has to be read first. The act's own statement does
 * nothing unless that is still what holds; then, and before anything is refused, it is judged again by what
 * does.
 */
@Injectable()
export class Contexts {
  private known: Context | undefined;

  constructor(
    private readonly database: Database,
    private readonly charter: CharterService,
    private readonly registry: RegistryService,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * `act` answers undefined where its statement did nothing; `why` finds what stands against it, but for the
   * context.
   */
  async judge<T>(
    call: IdempotentCall,
    act: (context: Context) => Promise<T | undefined>,
    why: (context: Context) => Promise<ErrorCode | undefined>,
  ): Promise<T> {
    let context = this.known ?? (await this.refresh());
    return untilDecided(
      async () => {
        for (;;) {
          const { done, refused } = await attempt(act, context);
          if (done !== undefined) return done;
          const earlier = await this.idempotency.recall(call);
          if (earlier !== undefined) return earlier as T;
          const before = context;
          context = await this.refresh();
          if (isSame(before, context)) return refused ? Promise.reject(refused) : undefined;
        }
      },
      () => why(context),
    );
  }

  private async refresh(): Promise<Context> {
    const { app } = this.database;
    const registry = await this.registry.current(app);
    const context = {
      registry,
      charter: await this.charter.inForce(app),
      today: await this.registry.today(app),
    };
    return (this.known = context);
  }
}

function isSame(a: Context, b: Context): boolean {
  const [before, now] = [contextValues(a), contextValues(b)];
  const isOfToday = before.today === now.today && before.charterVersion === now.charterVersion;
  return isOfToday && before.entries === now.entries;
}

interface Attempt<T> {
  readonly done?: T | undefined;
  readonly refused?: DomainError;
}

async function attempt<T>(
  act: (context: Context) => Promise<T | undefined>,
  context: Context,
): Promise<Attempt<T>> {
  try {
    return { done: await act(context) };
  } catch (error) {
    if (error instanceof DomainError) return { refused: error };
    throw error;
  }
}
