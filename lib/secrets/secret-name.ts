const SECRET =
  /\b(password|passwd|passphrase|pwd|token|secret|api ?key|authorization|credentials?)\b/;

/** Whether a field's name is that of a secret: `apiKey`, `api_key` and `Api-Key` are the same words. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ');
  return SECRET.test(words.toLowerCase());
}
