/* What every HTML report can do without a server: filter what it shows. Without scripts all of it is shown.
 *
 *   data-item                     one thing that is shown or hidden, with data-NAME="VALUE" for each filter NAME
 *   data-group                    hidden while none of the items in it is shown; without items it is one itself
 *   select data-filter="NAME"     shows the items whose data-NAME is the chosen value; "" shows all
 *   input data-search             shows the items that hold the text, in any case
 *   button data-set="NAME=VALUE"  chooses VALUE, or all again
 *   button data-all="open|reset"  opens what is shown (or closes it) | shows everything
 *   output data-shown="$ of $"    says how many are shown
 *   data-none                     shown while nothing else is
 *
 * The choice stands in the address (#level=high), so that it can be passed on, and the browser's "back" takes it back. */
'use strict';
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const groups = all('[data-group]');
  const items = all('[data-item]').concat(groups.filter((group) => !group.querySelector('[data-item]')));
  const selects = all('select[data-filter]');
  const search = document.querySelector('input[data-search]');
  const shown = document.querySelector('[data-shown]');
  const none = document.querySelector('[data-none]');
  const selectOf = (name) => selects.find((select) => select.dataset.filter === name);
  const texts = new Map();

  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };

  const remember = (asNew) => {
    const state = new URLSearchParams();
    selects.filter((select) => select.value).forEach((select) => state.set(select.dataset.filter, select.value));
    if (search && search.value) state.set('q', search.value);
    if (asNew && '#' + state !== location.hash) history.pushState(null, '', '#' + state);
    else history.replaceState(null, '', '#' + state);
  };

  const apply = () => {
    const wanted = selects.filter((select) => select.value);
    const word = search ? search.value.trim().toLowerCase() : '';
    let count = 0;
    for (const item of items) {
      const fits = wanted.every((select) => item.dataset[select.dataset.filter] === select.value) &&
        (!word || textOf(item).includes(word));
      item.hidden = !fits;
      count += fits;
    }
    for (const group of groups) {
      if (group.querySelector('[data-item]')) group.hidden = !group.querySelector('[data-item]:not([hidden])');
    }
    for (const button of all('[data-set]')) {
      const [name, value] = button.dataset.set.split('=');
      button.setAttribute('aria-pressed', String(Boolean(selectOf(name)) && selectOf(name).value === value));
    }
    if (none) none.hidden = count > 0;
    if (shown) {
      const numbers = [count, items.length];
      shown.textContent = shown.dataset.shown.replace(/\$/g, () => numbers.shift().toLocaleString('en'));
    }
  };

  const change = (asNew) => {
    apply();
    remember(asNew);
  };

  const set = (name, value) => {
    const select = selectOf(name);
    if (!select) return;
    select.value = select.value === value ? '' : value;
    change(true);
    if (select.value) select.closest('.tools').scrollIntoView(); // what was chosen stands below it
  };

  const openAll = () => {
    const visible = items.filter((item) => !item.hidden && item.tagName === 'DETAILS');
    const open = visible.some((item) => !item.open);
    visible.forEach((item) => { item.open = open; });
  };

  const reset = () => {
    selects.forEach((select) => { select.value = ''; });
    if (search) search.value = '';
    change(true);
  };

  const restore = () => {
    const text = location.hash.slice(1);
    const target = text && document.getElementById(text); // of a link within the page: all is shown then
    const state = new URLSearchParams(target ? '' : text);
    selects.forEach((select) => {
      const value = state.get(select.dataset.filter) || '';
      if ([...select.options].some((option) => option.value === value)) select.value = value;
    });
    if (search) search.value = state.get('q') || '';
    apply();
    if (target) target.scrollIntoView();
  };

  all('[data-scripted]').forEach((element) => { element.hidden = false; });
  selects.forEach((select) => select.addEventListener('change', () => change(true)));
  if (search) search.addEventListener('input', () => change(false)); // not a step back for each letter
  all('[data-set]').forEach((button) => button.addEventListener('click', () => {
    const at = button.dataset.set.indexOf('=');
    set(button.dataset.set.slice(0, at), button.dataset.set.slice(at + 1));
  }));
  all('[data-all]').forEach((button) => button.addEventListener('click', button.dataset.all === 'open' ? openAll : reset));
  window.addEventListener('hashchange', restore);
  restore();
})();
