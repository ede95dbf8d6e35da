/** A real Chromium: the one in CHROMIUM, or an installed one (Debian's package `chromium`); where there is none, a text with the reason to skip. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { atEnd } from './at-end.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

function findChromium(): string | null {
  const { CHROMIUM, PATH = '' } = process.env;
  const places = PATH.split(path.delimiter).flatMap((folder) => names.map((name) => path.join(folder, name)));
  const isExecutable = (file: string) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return [...(CHROMIUM ? [CHROMIUM] : []), ...places].find(isExecutable) ?? null;
}

export async function startBrowser(): Promise<Browser | string> {
  const executablePath = findChromium();
  if (executablePath === null)
    return `SKIPPED: none of ${names.join(', ')} was found, so nothing was tried in a browser`;
  // Chromium's sandbox needs user namespaces, which containers lack; it is not needed for the test's own pages.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  atEnd(() => browser.close());
  return browser;
}
