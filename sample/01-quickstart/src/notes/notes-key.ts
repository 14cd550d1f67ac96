/** Injection token of the key that opens the writing routes. */
export const NOTES_KEY = 'NOTES_KEY';

/** Stands in when the environment names no key. It is public: for trying out only. */
export const DEMO_KEY = 'demo-key';

/** Reads the key from the environment variable `NOTES_KEY`. */
export const notesKey = (): string => process.env.NOTES_KEY || DEMO_KEY;
