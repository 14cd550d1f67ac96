import { createServer, type AddressInfo } from 'node:net';

/**
 * The given port, or a free one for 0: what is to stand in a configuration must
 * be known before the server listens.
 */
export function resolvePort(port: number): Promise<number> {
  return port === 0
    ? new Promise((resolve, reject) => {
        const server = createServer().once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          const { port: free } = server.address() as AddressInfo;
          server.close(() => resolve(free));
        });
      })
    : Promise.resolve(port);
}
