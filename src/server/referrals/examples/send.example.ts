/** A complete send, made by `relais/client` for an invented network; the keys are for show only. */
export const SEND_EXAMPLE = {};
