// Builds the page. Every string becomes a text node or an attribute, never markup: what functions, states and models are
// called can not run.

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'open', 'selected', 'hidden']);

/**
 * An element. `on` holds listeners, `vars` CSS custom properties (set through the object model, which the policy allows).
 * Children may be nodes, strings, numbers and nested lists; null, undefined and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    set(element, name, value);
  }
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    return;
  }
  if (name === 'on') {
    Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
  } else if (name === 'vars') {
    Object.entries(value).forEach(([key, one]) => element.style.setProperty(key, String(one)));
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      parent.append(child instanceof Node ? child : String(child));
    }
  }
  return parent;
}

export function replace(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** Says something to people who do not see the page change. */
export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

/** Loads a classic script of this origin once. */
const scripts = new Map();
export function script(address) {
  if (!scripts.has(address)) {
    scripts.set(
      address,
      new Promise((loaded, failed) => {
        const element = h('script', { src: address, 'data-manual': true });
        element.addEventListener('load', loaded);
        element.addEventListener('error', () => failed(new Error(`${address} can not be loaded`)));
        document.head.append(element);
      }),
    );
  }
  return scripts.get(address);
}

export function stylesheet(address) {
  if (!document.querySelector(`link[href="${address}"]`)) {
    document.head.append(h('link', { rel: 'stylesheet', href: address }));
  }
}
