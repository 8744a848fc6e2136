/**
 * What an act does beyond its row, out of the CTE `acted` (the changed row with `was_open`, `closes`, `erases`). Where
 * the new state keeps nothing of what was passed on, it is deleted; where it does, it moves beside the closed referral.
 * Statements and openings go along: they prove consent and withdrawal until their own retention.
 */
export const CLOSE = `gone_wraps AS (
    DELETE FROM handoff_wrap w USING acted a WHERE w.open = a.was_open AND w.referral = a.id AND a.erases
  ), gone_handoff AS (
    DELETE FROM handoff h USING acted a WHERE h.open = a.was_open AND h.referral = a.id AND a.erases
  ), kept_wraps AS (
    UPDATE handoff_wrap w SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND w.open AND w.referral = a.id
  ), kept_handoff AS (
    UPDATE handoff h SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND NOT a.erases AND h.open AND h.referral = a.id
  ), kept_statements AS (
    UPDATE statement s SET open = false FROM acted a
    WHERE a.was_open AND a.closes AND s.open AND s.referral = a.id
  )`;
