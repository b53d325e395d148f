// Which task a page is about.

import { all, once, path } from './api.js';
import { h } from './dom.js';
import { empty, select } from './parts.js';

const REMEMBERED = 'ld-task';

export async function tasks() {
  const found = await all('/v1/tasks');
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

export const task = (name) => once(path`/v1/tasks/${name}`);

/** Goes to the same page of a task: the one looked at last, else the first. Answers what to show if there is none. */
export async function chooseTask(page, signal) {
  const names = (await tasks()).map(({ name }) => name);
  if (!names.length) {
    return empty('There are no tasks yet.', h('p', { class: 'quiet' }, 'A task is created with PUT /v1/tasks/{task}.'));
  }
  const before = sessionStorage.getItem(REMEMBERED);
  const name = names.includes(before) ? before : names.includes('pursuit') ? 'pursuit' : names[0];
  if (!signal.aborted) {
    location.replace(`#/tasks/${encodeURIComponent(name)}/${page}`);
  }
  return h('p', {});
}

/** A choice of the task that keeps the page. */
export async function taskChooser(name, page) {
  sessionStorage.setItem(REMEMBERED, name);
  const options = (await tasks()).map((one) => [one.name, one.name]);
  const chooser = select(options, name, (chosen) => {
    location.hash = `#/tasks/${encodeURIComponent(chosen)}/${page}`;
  });
  chooser.setAttribute('aria-label', 'Task');
  return chooser;
}

/** A snapshot with its functions. It never changes, except for which one is active. */
export const snapshot = (name, id) => once(path`/v1/tasks/${name}/snapshots/${id}`);
