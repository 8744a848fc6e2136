/** What a check found; `mend` says what to do about it, in plain English. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'good' | 'doubtful' | 'wrong';
  readonly says: string;
  readonly mend?: string;
}

export function good(what: string, says: string): Finding {
  return { what, verdict: 'good', says };
}

export function doubtful(what: string, says: string, mend: string): Finding {
  return { what, verdict: 'doubtful', says, mend };
}

export function wrong(what: string, says: string, mend: string): Finding {
  return { what, verdict: 'wrong', says, mend };
}
