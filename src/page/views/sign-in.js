/** Signing in with an API key. The key is exchanged for a cookie that no script can read. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { postForm } from '../api.js';
import { attempt, problemNote } from '../parts.js';

/** @import { View } from '../types.d.ts' */
/** @import { Problem } from '../api.js' */

/**
 * @param {() => void} signedIn
 * @returns {View}
 */
export function signInView(signedIn) {
  /** @type {Problem | null} */
  let problem = null;
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const key = String(new FormData(form).get('key') ?? '');
    problem = await attempt(() => postForm('/v1/session', new URLSearchParams({ key })));
    const note = form.querySelector('output');
    if (problem === null) signedIn();
    else if (note !== null) note.textContent = `${problem.code}: ${problem.message}`;
  };
  return {
    title: 'Sign in',
    template: () => html`<h1>Sign in</h1>
      <div class="card">
        <p>This service asks for an API key. Whoever runs it has made one for you with <code>gradinit key</code>; it begins with <code>gik_</code>.</p>
        <form method="post" action="/v1/session" @submit=${submit}>
          <div class="field"><label for="key">API key</label>
            <input id="key" name="key" type="password" autocomplete="current-password" required></div>
          ${problem === null ? nothing : problemNote(problem)}
          <p><output class="badge bad"></output></p>
          <button class="first">Sign in</button>
        </form>
        <p class="soft">You stay signed in for 12 hours, in this browser only. The page can do what your key allows.</p>
      </div>`,
  };
}
