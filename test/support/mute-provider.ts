import { jest } from '@jest/globals';

/**
 * Keeps off the console what `oidc-provider` notes on things that are not for
 * production, and what clients note on logins that they begin anew.
 */
export function muteProvider(): void {
  for (const method of ['warn', 'info'] as const) {
    const original = console[method];
    jest.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      if (!/^(oidc-provider |\[mcp-sdk\] OAuth )/.test(String(args[0]))) {
        original(...args);
      }
    });
  }
}
