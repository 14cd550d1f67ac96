const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)$/;

/**
 * Checks the identifier of the server (RFC 8414, section 2).
 *
 * @param option where it comes from, for the message
 * @throws Error naming the option, its value and the remedy
 */
export function checkIssuer(option: string, issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isSecure =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (
    !url ||
    !isSecure ||
    url.username !== '' ||
    url.password !== '' ||
    /[?#\\\s]/.test(issuer) ||
    // What is written in another way than URLs are read is never equal to `iss`.
    (issuer !== url.href && `${issuer}/` !== url.href)
  ) {
    throw new Error(
      `authorizationServer: the issuer is "${issuer}" (${option}). It has to ` +
        'be an https URL without query, fragment and user name, such as ' +
        '"https://auth.example.com"; http is for 127.0.0.1, [::1] and ' +
        'localhost alone.',
    );
  }
}
