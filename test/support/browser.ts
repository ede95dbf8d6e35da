/** A real Chromium: the one that CHROMIUM names, else that of the machine (Debian's package `chromium`); a text that says why not where there is none. */
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
  // Without user namespaces, as in containers, Chromium's own sandbox does not start; the pages are those of the test.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  atEnd(() => browser.close());
  return browser;
}
