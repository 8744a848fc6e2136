import sodium from 'libsodium-wrappers';

await sodium.ready;

/** libsodium, ready. Only this folder touches it. */
export { sodium };
