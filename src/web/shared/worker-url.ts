interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: () => string },
  ): { createScriptURL: (url: string) => string };
}

/**
 * The page's policy lets no text become a script's address but through this one, which knows one address;
 * once a page.
 */
export function trustedWorkerUrl(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('relais-worker', { createScriptURL: () => url });
  return policy?.createScriptURL(url) ?? url;
}
