/**
 * Refuses an option that is no URL to send requests to.
 *
 * @throws Error where it is no absolute http(s) URL; the message never holds
 *   the value, which may have a password in it
 */
export function checkEndpoint(
  owner: string,
  option: string,
  value: string,
): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `${owner}: ${option} is no absolute http(s) URL. Write it in full, as ` +
        'in "https://login.example.com/…".',
    );
  }
  if (url.username || url.password) {
    throw new Error(
      `${owner}: ${option} has a user name or password in it. Send ` +
        'credentials by the options made for them.',
    );
  }
}
