export function startProxy(
  target: string,
  token: string,
): Promise<{ readonly url: string; stop(): Promise<void> }>;
