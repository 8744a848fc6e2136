import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../../../src/database/index.js';

export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Subplan Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'CTE Name'?: string;
  readonly 'Group Key'?: readonly string[];
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly 'TID Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The columns of each unique index, by table. */
interface Unique {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Plans for whatever values come, as a named statement keeps one, made now. */
export async function generically(
  urls: DatabaseUrls,
  texts: readonly string[],
): Promise<{ plans: PlanNode[]; unique: Unique[] }> {
  const client = new pg.Client(connectionOptions(urls.owner));
  await client.connect();
  try {
    const plans: PlanNode[] = [];
    for (const text of texts) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (GENERIC_PLAN, COSTS OFF, FORMAT JSON) ${text}`,
      );
      plans.push((rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan);
    }
    const { rows: unique } = await client.query<Unique>(
      `SELECT c.relname AS table, array_agg(a.attname::text) AS columns
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN unnest(i.indkey) AS k ON true
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k
       WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace GROUP BY i.indexrelid, c.relname`,
    );
    return { plans, unique };
  } finally {
    await client.end();
  }
}

/**
 * Where a plan reads a whole table again for each row of something that no key bounds: the tables' sizes are
 * multiplied. Tables in `small` may be read whole.
 */
export class Multiplied {
  private readonly ctes = new Map<string, PlanNode>();

  constructor(
    private readonly plan: PlanNode,
    private readonly unique: readonly Unique[],
    private readonly small: ReadonlySet<string>,
  ) {
    this.remember(plan);
  }

  find(node = this.plan): string[] {
    const below = (node.Plans ?? []).flatMap((child) => this.find(child));
    const outer = node['Node Type'] === 'Nested Loop' ? childrenOf(node)[0] : undefined;
    const again = [
      ...(outer && !this.isBounded(outer) ? this.wholeIn(childrenOf(node)[1]) : []),
      ...(this.isBounded(node)
        ? []
        : (node.Plans ?? []).filter(isCorrelated).flatMap((sub) => this.wholeIn(sub))),
    ];
    return [...again.map((table) => `${table} for each of ${nameOf(outer ?? node)}`), ...below];
  }

  private remember(node: PlanNode): void {
    const [, cte] = /^CTE (.*)$/.exec(node['Subplan Name'] ?? '') ?? [];
    if (cte !== undefined) this.ctes.set(cte, node);
    for (const child of node.Plans ?? []) this.remember(child);
  }

  /** One row at most for a table, by a key; what comes as a parameter is bounded where it comes in. */
  private isBounded(node: PlanNode): boolean {
    const { 'Node Type': type, 'Relation Name': table, 'CTE Name': cte } = node;
    if (cte !== undefined) return isBoundedIf(this.ctes.get(cte), (of) => this.isBounded(of));
    if (table !== undefined && type.includes('Scan'))
      return this.small.has(table) || this.isByKey(table, node);
    if (type === 'Aggregate' && node['Group Key'] === undefined) return true;
    return childrenOf(node).every((child) => this.isBounded(child));
  }

  private isByKey(table: string, node: PlanNode): boolean {
    const conditions = `${node['Index Cond'] ?? ''} ${node['Recheck Cond'] ?? ''} ${node.Filter ?? ''}`;
    return this.unique.some(
      (key) =>
        key.table === table &&
        key.columns.every((name) => isPartition(table, name) || equals(name).test(conditions)),
    );
  }

  private wholeIn(node: PlanNode | undefined): string[] {
    if (!node || node['Parent Relationship'] === 'InitPlan') return [];
    const { 'Relation Name': table, 'Node Type': type } = node;
    const isKeyed = node['Index Cond'] ?? node['TID Cond'] ?? node['Recheck Cond'];
    if (table !== undefined && type.includes('Scan') && isKeyed === undefined && !this.small.has(table))
      return [table];
    return (node.Plans ?? []).flatMap((child) => this.wholeIn(child));
  }
}

function isBoundedIf(node: PlanNode | undefined, isBounded: (node: PlanNode) => boolean): boolean {
  return node !== undefined && isBounded(node);
}

const equals = (column: string): RegExp => new RegExp(`[( .]${column} = (?!ANY)`);
/** The column by which open and closed rows lie apart is the same in all rows of one. */
const isPartition = (table: string, column: string): boolean =>
  column === 'open' && /_(open|closed)$/.test(table);
const isCorrelated = (node: PlanNode): boolean =>
  node['Parent Relationship'] === 'SubPlan' && !(node['Subplan Name'] ?? '').startsWith('CTE');
const childrenOf = ({ Plans = [] }: PlanNode): PlanNode[] =>
  Plans.filter((child) => !['InitPlan', 'SubPlan'].includes(child['Parent Relationship'] ?? ''));
const nameOf = (node: PlanNode): string => node['Relation Name'] ?? node['CTE Name'] ?? node['Node Type'];
