"use strict";
(() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const tip = document.getElementById("tip");
  const minus = "\u2212";

  // Numbers as the figures print them: no locale, a true minus.
  const fixed = (value) => {
    const text = Math.abs(value).toFixed(4);
    return (value < 0 && Number(text) > 0 ? minus : "") + text;
  };
  const probability = (value) => (value < 0.00005 ? "< 0.0001" : value.toFixed(4));
  const interval = (low, high) => (low === null || high === null ? "" : `[${fixed(low)}, ${fixed(high)}]`);

  // Element with text, so that no name from a file is ever read as HTML.
  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in element) element[key] = value; else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  // One matrix, with its upper triangle row after row.
  class Variant {
    constructor(entry) {
      Object.assign(this, entry);
      this.names = entry.stores.flatMap((store, place) => store.taps.map((tap) => ({ store: store.name, place, tap })));
      this.size = this.names.length;
    }
    at(a, b) {
      const [row, column] = a <= b ? [a, b] : [b, a];
      const index = row * this.size - (row * (row - 1)) / 2 + column - row;
      return {
        a: this.names[a], b: this.names[b], value: this.value[index],
        low: this.low.length ? this.low[index] : null, high: this.high.length ? this.high[index] : null,
        n: this.n.length === 1 ? this.n[0] : this.n[index], known: !this.known.length || this.known[index] === 1,
        chanceLow: this.chance ? this.chance.low[index] : null, chanceHigh: this.chance ? this.chance.high[index] : null,
        p: this.chance ? this.chance.p[index] : null, adjusted: this.chance ? this.chance.adjusted[index] : null,
      };
    }
    words(cell) {
      if (!cell.known) return "not computed";
      if (cell.value === null) return `no value (n = ${cell.n})`;
      return [fixed(cell.value), interval(cell.low, cell.high)].filter(Boolean).join(" ");
    }
    // What chance gives, behind the number of images.
    byChance(cell) {
      if (cell.p === null) return "";
      const corrected = cell.adjusted === null ? "" : ", corrected p ";
      const p = cell.adjusted === null ? "" : `${cell.adjusted < 0.00005 ? "" : "= "}${probability(cell.adjusted)}`;
      return `, chance ${interval(cell.chanceLow, cell.chanceHigh)}${corrected}${p}`;
    }
  }
  const variants = new Map(data.variants.map((entry) => [entry.id, new Variant(entry)]));

  // MARK: Heat maps that answer the pointer and the arrow keys

  const explore = (figure) => {
    const paper = document.querySelector(`[data-figure="${CSS.escape(figure.id)}"]`);
    const readout = document.querySelector(`[data-readout="${CSS.escape(figure.id)}"]`);
    const variant = variants.get(figure.variant);
    if (!paper || !readout || !variant) return;
    const idle = "Point at a cell, or focus the map and use the arrow keys, to read its numbers.";
    readout.textContent = idle;
    const cursor = make("div", { className: "cursor", hidden: true });
    const overlay = make("div", {
      className: "overlay", tabIndex: 0, role: "group", "aria-roledescription": "heat map",
      "aria-label": "Values of the heat map: arrow keys move by a cell, Home and End to the ends of a row, " +
        "Page Up and Page Down between panels, Escape leaves",
    }, cursor);
    paper.append(overlay);
    let place = null;

    const find = (edges, cell, position) => edges.findIndex((edge) => position >= edge && position < edge + cell);
    const locate = (event) => {
      const box = overlay.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * figure.width;
      const y = ((event.clientY - box.top) / box.height) * figure.height;
      for (const [panel, { x: columns, y: rows, cell: [width, height] }] of figure.panels.entries()) {
        const [row, column] = [find(rows, height, y), find(columns, width, x)];
        if (row >= 0 && column >= 0) return { panel, row, column };
      }
      return null;
    };
    const clear = () => {
      place = null;
      cursor.hidden = tip.hidden = true;
    };
    const show = (next, event) => {
      place = next;
      const { rows, columns, x, y, cell: [width, height] } = figure.panels[place.panel];
      const found = variant.at(rows[place.row], columns[place.column]);
      Object.assign(cursor.style, {
        left: `${(x[place.column] / figure.width) * 100}%`, top: `${(y[place.row] / figure.height) * 100}%`,
        width: `${(width / figure.width) * 100}%`, height: `${(height / figure.height) * 100}%`,
      });
      cursor.hidden = false;
      const pair = `${found.a.store} ${found.a.tap} × ${found.b.store} ${found.b.tap}`;
      const detail = `n = ${found.n}${variant.byChance(found)}, ${variant.label}`;
      readout.textContent = `${pair}: ${variant.words(found)}, ${detail}`;
      tip.replaceChildren(make("strong", {}, variant.words(found)), pair, make("br"), detail);
      tip.hidden = false;
      const anchor = event ? { x: event.clientX, y: event.clientY } : (({ right, top }) => ({ x: right, y: top }))(cursor.getBoundingClientRect());
      const size = tip.getBoundingClientRect();
      const left = anchor.x + 16 + size.width > innerWidth ? anchor.x - 16 - size.width : anchor.x + 16;
      const top = anchor.y + 16 + size.height > innerHeight ? anchor.y - 16 - size.height : anchor.y + 16;
      tip.style.left = `${Math.max(4, Math.min(left, innerWidth - size.width - 4))}px`;
      tip.style.top = `${Math.max(4, top)}px`;
    };
    const point = (event) => {
      const next = locate(event);
      if (next) show(next, event); else clear();
    };
    overlay.addEventListener("pointermove", point);
    overlay.addEventListener("pointerdown", point);
    overlay.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") clear(); });
    overlay.addEventListener("blur", clear);
    overlay.addEventListener("keydown", (event) => {
      const current = place ?? { panel: 0, row: 0, column: 0 };
      const { rows, columns } = figure.panels[current.panel];
      const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
      const other = (step) => {
        const panel = clamp(current.panel + step, figure.panels.length);
        const target = figure.panels[panel];
        return { panel, row: clamp(current.row, target.rows.length), column: clamp(current.column, target.columns.length) };
      };
      const moves = {
        ArrowLeft: () => ({ ...current, column: clamp(current.column - 1, columns.length) }),
        ArrowRight: () => ({ ...current, column: clamp(current.column + 1, columns.length) }),
        ArrowUp: () => ({ ...current, row: clamp(current.row - 1, rows.length) }),
        ArrowDown: () => ({ ...current, row: clamp(current.row + 1, rows.length) }),
        Home: () => ({ ...current, column: 0 }),
        End: () => ({ ...current, column: columns.length - 1 }),
        PageUp: () => other(-1),
        PageDown: () => other(1),
      };
      if (event.key === "Escape") {
        clear();
        readout.textContent = idle;
      } else if (moves[event.key]) {
        event.preventDefault();
        show(place ? moves[event.key]() : current);
      }
    });
  };
  data.figures.forEach(explore);
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // MARK: The table of all values

  const pageSize = 25;
  const plainColumns = [
    { title: "Model A", text: (cell) => cell.a.store, key: (cell) => cell.a.place },
    { title: "Tap", text: (cell) => cell.a.tap, key: (cell) => cell.indexA },
    { title: "Model B", text: (cell) => cell.b.store, key: (cell) => cell.b.place },
    { title: "Tap", text: (cell) => cell.b.tap, key: (cell) => cell.indexB },
    { title: "Value", number: true, text: (cell) => (cell.value === null ? "–" : fixed(cell.value)), key: (cell) => cell.value },
    { title: "95 % interval", number: true, text: (cell) => interval(cell.low, cell.high) || "–", key: (cell) => cell.low },
    { title: "n", number: true, text: (cell) => String(cell.n), key: (cell) => cell.n },
  ];
  const chanceColumns = [
    { title: "Null band", number: true, text: (cell) => interval(cell.chanceLow, cell.chanceHigh) || "–", key: (cell) => cell.chanceHigh },
    { title: "p", number: true, text: (cell) => (cell.p === null ? "–" : probability(cell.p)), key: (cell) => cell.p },
    {
      title: "p, corrected", number: true, text: (cell) => (cell.adjusted === null ? "–" : probability(cell.adjusted)),
      key: (cell) => cell.adjusted,
    },
  ];

  const tabulate = (section) => {
    const variant = variants.get(section.dataset.values);
    if (!variant) return;
    const columns = variant.chance ? [...plainColumns, ...chanceColumns] : plainColumns;
    const all = [];
    for (let a = 0; a < variant.size; a += 1) {
      for (let b = a; b < variant.size; b += 1) {
        const cell = variant.at(a, b);
        if (cell.known) all.push({ ...cell, indexA: a, indexB: b });
      }
    }
    const id = variant.id;
    const pairs = [["all", "all"]];
    if (variant.stores.length > 1) pairs.push(["across", "across models"], ["within", "within models"]);
    variant.stores.forEach((a, i) => variant.stores.forEach((b, j) => {
      if (j >= i && variant.stores.length > 1) pairs.push([`${i}-${j}`, i === j ? `within ${a.name}` : `${a.name} and ${b.name}`]);
    }));
    const models = make("select", { id: `models-${id}` }, ...pairs.map(([value, text]) => make("option", { value }, text)));
    const filter = make("input", { id: `filter-${id}`, type: "search", placeholder: "e.g. block.3", size: 14 });
    const count = make("p", { className: "readout", role: "status" });
    const headers = columns.map((column, place) => {
      const button = make("button", { type: "button" }, column.title);
      button.addEventListener("click", () => {
        descending = sorted === place ? !descending : Boolean(column.number);
        sorted = place;
        page = 0;
        draw();
      });
      return make("th", { scope: "col", className: column.number ? "number" : "" }, button);
    });
    const body = make("tbody");
    const table = make("table", {}, make("caption", {}, `${variant.label}: choose a heading to sort by it`),
      make("thead", {}, make("tr", {}, ...headers)), body);
    const back = make("button", { type: "button" }, "Back");
    const forward = make("button", { type: "button" }, "Forward");
    if (variant.stores.length > 1) models.value = "across";
    let sorted = 4;
    let descending = true;
    let page = 0;

    const chosen = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const [first, second] = models.value.split("-").map(Number);
      return all.filter((cell) => {
        if (models.value === "across" && cell.a.place === cell.b.place) return false;
        if (models.value === "within" && cell.a.place !== cell.b.place) return false;
        if (second !== undefined && (cell.a.place !== first || cell.b.place !== second)) return false;
        if (!words.length) return true;
        const text = `${cell.a.store} ${cell.a.tap} ${cell.b.store} ${cell.b.tap}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
    };
    const draw = () => {
      const key = columns[sorted].key;
      const rows = chosen().sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        // What has no value stands last, whichever way.
        if (x === null || y === null) return (x === null) - (y === null);
        return (descending ? y - x : x - y) || a.indexA - b.indexA || a.indexB - b.indexB;
      });
      page = Math.max(0, Math.min(page, Math.ceil(rows.length / pageSize) - 1));
      const from = page * pageSize;
      body.replaceChildren(...rows.slice(from, from + pageSize).map((cell) => make("tr", {},
        ...columns.map((column) => make("td", { className: column.number ? "number" : "" }, column.text(cell))))));
      headers.forEach((header, place) => {
        if (place === sorted) header.setAttribute("aria-sort", descending ? "descending" : "ascending");
        else header.removeAttribute("aria-sort");
      });
      count.textContent = rows.length ? `${from + 1} to ${Math.min(from + pageSize, rows.length)} of ${rows.length} pairs` : "No pair fits.";
      back.disabled = page === 0;
      forward.disabled = from + pageSize >= rows.length;
    };
    const restart = () => { page = 0; draw(); };
    models.addEventListener("change", restart);
    filter.addEventListener("input", restart);
    back.addEventListener("click", () => { page -= 1; draw(); });
    forward.addEventListener("click", () => { page += 1; draw(); });
    section.append(
      make("div", { className: "controls" },
        make("div", {}, make("label", { htmlFor: models.id }, "Models"), models),
        make("div", {}, make("label", { htmlFor: filter.id }, "Names that contain"), filter)),
      make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": `All values, ${variant.label}` }, table), count,
      make("div", { className: "controls" }, back, forward));
    draw();
  };
  document.querySelectorAll("[data-values]").forEach(tabulate);

  // MARK: Tables that sort by any heading

  const sortable = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const headers = [...table.tHead.rows[0].cells];
    if (rows.length < 2) return;
    headers.forEach((header, place) => {
      const isNumber = header.classList.contains("number");
      const button = make("button", { type: "button" }, header.textContent);
      header.replaceChildren(button);
      let descending = isNumber;
      button.addEventListener("click", () => {
        const key = (row) => (isNumber ? row.cells[place].dataset.key : row.cells[place].textContent);
        const sorted = [...rows].sort((a, b) => {
          const [x, y] = [key(a), key(b)];
          // What has no value stands last, whichever way.
          if (isNumber && (x === "" || y === "")) return (x === "") - (y === "");
          const order = isNumber ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
          return descending ? -order : order;
        });
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", descending ? "descending" : "ascending");
        descending = !descending;
        body.replaceChildren(...sorted);
      });
    });
  };
  document.querySelectorAll("table.sortable").forEach(sortable);

  // MARK: Looking through reconstructions

  const look = (section) => {
    const entry = data.explorers.find((each) => each.id === section.dataset.explorer);
    if (!entry) return;
    const { images, names, models: stores } = entry.explorer;
    const id = entry.id;
    const unique = (list) => [...new Set(list)];
    // One row a model, with a store for each of its inverses.
    const rows = unique(stores.map((each) => each.model)).map((model) => {
      const own = stores.filter((each) => each.model === model);
      const taps = unique(own.flatMap((each) => each.taps));
      const isHead = (tap) => own.some((each) => each.heads[each.taps.indexOf(tap)] === 1);
      return { model, stores: own, color: own[0].color, trunk: taps.filter((tap) => !isHead(tap)), heads: taps.filter(isHead) };
    });
    const methods = unique(stores.map((each) => each.method)).filter(Boolean);
    const conditions = unique(stores.flatMap((each) => each.conditions));
    const canPair = rows.some((row) => row.stores.length > 1);
    const depth = Math.max(...rows.map((row) => row.trunk.length));
    const heads = Math.max(...rows.map((row) => row.heads.length));
    const state = {
      image: 0, row: 0, tap: rows[0].trunk[rows[0].trunk.length - 1] ?? rows[0].heads[0], method: stores[0].method,
      isPaired: false, isDifference: false, condition: conditions[0], cut: 50,
    };

    // A picture of a store's sheet: the input where there is no tap.
    const picture = (store, tap, properties = {}) => {
      const columns = store.taps.length + 1;
      const lines = store.conditions.length;
      const image = make("img", { src: store.sheets[state.image], alt: "", ...properties });
      Object.assign(image.style, {
        width: `${columns * 100}%`, height: `${lines * 100}%`, left: `${-100 * (tap ? store.taps.indexOf(tap) + 1 : 0)}%`,
        top: `${-100 * Math.max(0, store.conditions.indexOf(state.condition))}%`,
      });
      return image;
    };
    const crop = (store, tap, isDifference) => {
      const element = make("span", { className: isDifference && tap ? "crop amplified" : "crop" }, picture(store, tap));
      element.style.aspectRatio = `${store.width} / ${store.height}`;
      if (isDifference && tap) element.append(picture(store, null));
      return element;
    };
    const has = (store, tap) => {
      const line = store.conditions.indexOf(state.condition);
      return line >= 0 && store.taps.includes(tap) && store.complete[state.image][line] === 1;
    };
    const decibels = (store, tap) => {
      const line = store.conditions.indexOf(state.condition);
      const value = line < 0 ? null : store.values[state.image][line][store.taps.indexOf(tap)];
      return value === null || value === undefined ? "" : `${value.toFixed(1)} dB`;
    };
    // The stores that a tile shows: one inverse, or all of a model beside each other.
    const chosen = (row) => (state.isPaired && row.stores.length > 1 ? row.stores : [row.stores.find((each) => each.method === state.method) ?? row.stores[0]]);

    const before = make("div", { className: "layer" });
    const after = make("div", { className: "layer" });
    const line = make("div", { className: "cut" });
    const first = make("span", { className: "tag first" });
    const second = make("span", { className: "tag second" });
    const view = make("div", {
      className: "view", tabIndex: 0, role: "group", "aria-roledescription": "two pictures, one over the other",
      "aria-label": "Input or first inverse at the left, reconstruction at the right: left and right arrow keys change the depth, " +
        "up and down the image, M the model, I the inverse, D the difference, C the condition, less and greater the dividing line",
    }, before, after, line, first, second);
    const readout = make("p", { className: "readout", role: "status" });
    const cut = make("input", { id: `${id}-cut`, type: "range", min: "0", max: "100", step: "1", value: "50", "aria-label": "Where the picture at the right begins" });
    const thumbs = make("div", { className: "thumbs", role: "group", "aria-label": "Image" });
    const chips = make("div", {});
    const grid = make("div", { className: "depths" });
    const side = make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Reconstructions from every depth of every model" }, grid);

    const press = (text, isOn, act) => {
      const button = make("button", { type: "button" }, text);
      button.setAttribute("aria-pressed", String(isOn));
      button.addEventListener("click", () => { act(); draw(); });
      return button;
    };
    const group = (label, buttons) => make("div", { className: "chips", role: "group", "aria-label": label }, make("span", {}, label), ...buttons);

    const drawChips = () => {
      const groups = [];
      if (methods.length > 1 || canPair) {
        const own = methods.map((method) => press(method, !state.isPaired && state.method === method, () => { state.method = method; state.isPaired = false; }));
        groups.push(group("Inverse", canPair ? [...own, press("side by side", state.isPaired, () => { state.isPaired = true; })] : own));
      }
      groups.push(group("Show", [
        press("pictures", !state.isDifference, () => { state.isDifference = false; }),
        press("difference ×4", state.isDifference, () => { state.isDifference = true; }),
      ]));
      if (conditions.length > 1) {
        groups.push(group("Colours", conditions.map((each) => press(each, state.condition === each, () => { state.condition = each; }))));
      }
      chips.replaceChildren(...groups);
    };
    const drawThumbs = () => {
      const store = rows[0].stores[0];
      thumbs.replaceChildren(...images.map((name, place) => {
        const button = press("", place === state.image, () => { state.image = place; });
        const shown = state.image;
        state.image = place;
        button.append(crop(store, null, false));
        state.image = shown;
        button.setAttribute("aria-label", `Image ${place + 1}: ${names[place]}`);
        button.title = names[place] === name ? name : `${names[place]} (${name})`;
        return button;
      }));
    };
    const tile = (row, place, tap, column) => {
      const shown = chosen(row).filter((store) => has(store, tap));
      const pair = make("span", { className: "pair" }, ...shown.map((store) => crop(store, tap, state.isDifference)));
      const under = make("span", { className: "under" }, make("span", { className: shown.length > 1 ? "wide" : "" }, tap),
        ...(shown.length ? shown.map((store) => make("b", {}, decibels(store, tap))) : [make("span", {}, "no picture")]));
      const button = make("button", { type: "button", className: state.isPaired && row.stores.length > 1 ? "tile paired" : "tile" }, pair, under);
      button.setAttribute("aria-pressed", String(place === state.row && tap === state.tap));
      button.setAttribute("aria-label", `${row.model}, ${tap}${shown.map((store) => `, ${[store.method, decibels(store, tap)].filter(Boolean).join(" ")}`).join("")}`);
      button.addEventListener("click", () => { state.row = place; state.tap = tap; draw(); });
      button.style.gridColumn = String(column + 2);
      button.style.gridRow = String(place + 2);
      return button;
    };
    const drawGrid = () => {
      grid.style.gridTemplateColumns = `minmax(3.4rem, max-content) repeat(${depth + heads}, minmax(${state.isPaired ? 5.2 : 3.1}rem, 1fr))`;
      const label = (text, column) => {
        const element = make("span", { className: "head" }, text);
        element.style.gridColumn = String(column + 2);
        element.style.gridRow = "1";
        return element;
      };
      const pieces = [label("shallowest", 0)];
      if (depth > 1) pieces.push(label("deepest", depth - 1));
      if (heads) pieces.push(label(heads > 1 ? "heads" : "head", depth));
      rows.forEach((row, place) => {
        const swatch = make("i");
        swatch.style.background = row.color;
        const name = make("span", { className: "model" }, swatch, row.model);
        name.style.gridRow = String(place + 2);
        name.style.gridColumn = "1";
        pieces.push(name);
        row.trunk.forEach((tap, index) => {
          const column = row.trunk.length > 1 ? Math.round((index * (depth - 1)) / (row.trunk.length - 1)) : 0;
          pieces.push(tile(row, place, tap, column));
        });
        row.heads.forEach((tap, index) => pieces.push(tile(row, place, tap, depth + index)));
      });
      grid.replaceChildren(...pieces);
    };
    const drawView = () => {
      const row = rows[state.row];
      const shown = chosen(row).filter((store) => has(store, state.tap));
      const isPair = shown.length > 1;
      const store = shown[0] ?? row.stores[0];
      view.style.aspectRatio = `${store.width} / ${store.height}`;
      before.replaceChildren(crop(store, isPair ? state.tap : null, isPair && state.isDifference));
      after.replaceChildren(...(shown.length ? [crop(isPair ? shown[1] : store, state.tap, state.isDifference)] : []));
      after.style.clipPath = `inset(0 0 0 ${state.cut}%)`;
      line.style.left = `${state.cut}%`;
      first.textContent = isPair ? shown[0].method : "input";
      second.textContent = isPair ? shown[1].method : `${row.model}, ${state.tap}`;
      second.hidden = !shown.length;
      const numbers = shown.map((each) => [each.method, decibels(each, state.tap)].filter(Boolean).join(" ")).join(", ");
      readout.textContent = shown.length
        ? `Image ${state.image + 1} of ${images.length} (${names[state.image]}): ${row.model} from ${state.tap}${conditions.length > 1 ? `, ${state.condition}` : ""}${numbers ? `; PSNR: ${numbers}` : ""}`
        : `Image ${state.image + 1} of ${images.length} (${names[state.image]}) has no picture of ${row.model} from ${state.tap} under ${state.condition}.`;
    };
    const draw = () => {
      const focused = document.activeElement;
      const holder = [thumbs, chips, grid].find((each) => each.contains(focused));
      const place = holder ? [...holder.querySelectorAll("button")].indexOf(focused) : -1;
      drawThumbs();
      drawChips();
      drawGrid();
      drawView();
      if (place >= 0) holder.querySelectorAll("button")[place]?.focus();
    };
    const step = (name, count, by) => { state[name] = (state[name] + by + count) % count; };
    const deeper = (by) => {
      const taps = [...rows[state.row].trunk, ...rows[state.row].heads];
      state.tap = taps[Math.max(0, Math.min(taps.length - 1, taps.indexOf(state.tap) + by))];
    };
    const slide = (to) => {
      state.cut = Math.max(0, Math.min(100, to));
      cut.value = String(state.cut);
      drawView();
    };
    cut.addEventListener("input", () => slide(Number(cut.value)));
    const drag = (event) => {
      const box = view.getBoundingClientRect();
      slide(Math.round(((event.clientX - box.left) / box.width) * 100));
    };
    view.addEventListener("pointerdown", (event) => { view.setPointerCapture(event.pointerId); drag(event); });
    view.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "touch") drag(event); });
    view.addEventListener("keydown", (event) => {
      const keys = {
        ArrowLeft: () => deeper(-1), ArrowRight: () => deeper(1),
        ArrowUp: () => step("image", images.length, -1), ArrowDown: () => step("image", images.length, 1),
        m: () => {
          step("row", rows.length, 1);
          const row = rows[state.row];
          if (![...row.trunk, ...row.heads].includes(state.tap)) state.tap = row.trunk[row.trunk.length - 1] ?? row.heads[0];
        },
        i: () => {
          if (methods.length) { state.method = methods[(methods.indexOf(state.method) + 1) % methods.length]; state.isPaired = false; }
        },
        d: () => { state.isDifference = !state.isDifference; },
        c: () => { state.condition = conditions[(conditions.indexOf(state.condition) + 1) % conditions.length]; },
        "<": () => slide(state.cut - 5), ">": () => slide(state.cut + 5),
      };
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        act();
        draw();
      }
    });
    section.classList.add("runs");
    section.append(make("div", { className: "stage" },
      make("div", {}, view, cut, readout, thumbs, chips),
      make("div", {}, side, make("p", { className: "muted small" },
        "Each row runs from the shallowest layer of its model that was inverted to the deepest; PSNR against the input stands below. " +
        "These are JPEG copies for looking at: the numbers are those of the exact pixels."))));
    draw();
  };
  document.querySelectorAll("[data-explorer]").forEach(look);

  // MARK: Contents, and what is folded away

  const reveal = (element) => {
    for (let one = element?.closest("details"); one; one = one.parentElement?.closest("details")) one.open = true;
    const variant = element?.closest(".variant[hidden]");
    const selector = variant && variant.closest("section[aria-labelledby]:not(.variant)")?.querySelector("[data-selector]");
    if (selector) {
      selector.value = variant.dataset.variant;
      selector.dispatchEvent(new Event("change"));
    }
  };
  const follow = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target) return;
    reveal(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(document.getElementById(decodeURIComponent(link.hash.slice(1))));
  });

  const contents = document.querySelector("[data-contents]");
  const isWide = matchMedia("(min-width: 66rem)");
  const arrange = () => { contents.open = isWide.matches; };
  isWide.addEventListener("change", arrange);
  arrange();
  contents.addEventListener("click", (event) => { if (event.target.closest("a") && !isWide.matches) contents.open = false; });
  const entries = [...contents.querySelectorAll("a")];
  const mark = () => {
    const passed = entries.filter((entry) => {
      const target = document.getElementById(decodeURIComponent(entry.hash.slice(1)));
      return target && target.getBoundingClientRect().top < innerHeight / 3;
    });
    const current = passed[passed.length - 1];
    entries.forEach((entry) => { if (entry === current) entry.setAttribute("aria-current", "true"); else entry.removeAttribute("aria-current"); });
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  // MARK: What words mean

  const explainAt = (element, title, text) => {
    tip.replaceChildren(make("strong", {}, title), text);
    tip.hidden = false;
    const anchor = element.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(anchor.left, innerWidth - size.width - 4))}px`;
    tip.style.top = `${anchor.bottom + 8 + size.height > innerHeight ? Math.max(4, anchor.top - 8 - size.height) : anchor.bottom + 8}px`;
  };
  const explain = () => {
    const known = new Map(data.terms.flatMap((term) => term.words.map((word) => [word, term])));
    if (!known.size) return;
    const escaped = [...known.keys()].sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}_.-])(?:${escaped.join("|")})(?![\\p{L}\\p{N}_-])`, "u");
    const anywhere = new Set();
    document.querySelectorAll("main > section:not(.explorer, #terms, #methods)").forEach((section) => {
      const used = new Set();
      const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, {
        acceptNode: (node) => (node.parentElement.closest("a, button, code, pre, summary, h2, h3, h4, table, select, script, dl, .term, .authored")
          || !node.parentElement.closest("p, li") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
      });
      const nodes = [];
      while (walker.nextNode()) nodes.push(walker.currentNode);
      nodes.forEach((start) => {
        let node = start;
        let from = 0;
        for (;;) {
          const match = pattern.exec(node.data.slice(from));
          if (!match) break;
          const term = known.get(match[0]);
          if (used.has(term)) { from += match.index + match[0].length; continue; }
          used.add(term);
          const rest = node.splitText(from + match.index);
          node = rest.splitText(match[0].length);
          from = 0;
          const mark = make("dfn", { className: "term" }, match[0]);
          // One stop of the Tab key for each term of the page is enough.
          if (!anywhere.has(term)) { mark.tabIndex = 0; anywhere.add(term); }
          mark.setAttribute("aria-description", term.text);
          const show = () => explainAt(mark, term.words[0], term.text);
          const hide = () => { tip.hidden = true; };
          mark.addEventListener("pointerenter", show);
          mark.addEventListener("focus", show);
          mark.addEventListener("pointerleave", hide);
          mark.addEventListener("blur", hide);
          rest.replaceWith(mark);
        }
      });
    });
  };
  explain();

  // MARK: Charts that answer the pointer

  data.marks.forEach((figure) => {
    const paper = document.querySelector(`[data-marks="${CSS.escape(figure.id)}"]`);
    if (!paper) return;
    const spot = make("div", { className: "spot", hidden: true });
    paper.append(spot);
    const hide = () => { spot.hidden = tip.hidden = true; };
    const point = (event) => {
      const box = paper.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * 1000;
      const y = ((event.clientY - box.top) / box.height) * 1000;
      let best = -1;
      let least = 12;
      figure.frames.forEach(([left, top, width, height], place) => {
        const across = Math.max(left - x, 0, x - left - width) * (box.width / 1000);
        const down = Math.max(top - y, 0, y - top - height) * (box.height / 1000);
        const distance = Math.hypot(across, down);
        if (distance < least) { least = distance; best = place; }
      });
      if (best < 0) { hide(); return; }
      const [left, top, width, height] = figure.frames[best];
      Object.assign(spot.style, { left: `calc(${left / 10}% - 3px)`, top: `calc(${top / 10}% - 3px)`, width: `calc(${width / 10}% + 6px)`, height: `calc(${height / 10}% + 6px)` });
      spot.hidden = false;
      explainAt(spot, figure.titles[best], "");
    };
    paper.addEventListener("pointermove", point);
    paper.addEventListener("pointerdown", point);
    paper.addEventListener("pointerleave", hide);
  });

  // MARK: Dark mode: pictures in figures keep their colours

  document.querySelectorAll(".paper[data-kept]").forEach((paper) => {
    const image = paper.querySelector("img");
    if (!paper.dataset.kept || !image) return;
    const corners = paper.dataset.kept.split(";").map((area) => area.split(" ").map(Number)).map(([x, y, width, height]) => (
      `0 0, ${x}% ${y}%, ${x + width}% ${y}%, ${x + width}% ${y + height}%, ${x}% ${y + height}%, ${x}% ${y}%, 0 0`));
    const kept = image.cloneNode();
    kept.className = "kept";
    kept.alt = "";
    kept.style.clipPath = `polygon(evenodd, ${corners.join(", ")})`;
    image.after(kept);
    paper.classList.add("mixed");
  });

  // MARK: Wide tables on a phone

  const narrow = matchMedia("(max-width: 40rem)");
  const fold = () => {
    if (!narrow.matches) return;
    document.querySelectorAll("main table:not(.cards)").forEach((table) => {
      const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent);
      if (heads.length < 4 || table.closest(".values")) return;
      table.setAttribute("role", "table");
      table.querySelectorAll("tbody, thead").forEach((part) => part.setAttribute("role", "rowgroup"));
      table.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
      table.querySelectorAll("thead th").forEach((cell) => cell.setAttribute("role", "columnheader"));
      table.querySelectorAll("tbody tr").forEach((row) => [...row.cells].forEach((cell, place) => {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
        cell.dataset.label = heads[place] ?? "";
      }));
      table.classList.add("cards");
    });
  };
  narrow.addEventListener("change", fold);
  fold();

  // MARK: What is folded away is printed

  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("main details:not([open])")];
    unfolded.forEach((each) => { each.open = true; });
    document.querySelectorAll("img[loading]").forEach((each) => { each.loading = "eager"; });
  });
  addEventListener("afterprint", () => unfolded.forEach((each) => { each.open = false; }));

  // MARK: Images that stand in the page once

  document.querySelectorAll("a[data-image]").forEach((link) => {
    const image = document.getElementById(link.dataset.image)?.querySelector("img");
    if (!image) return;
    link.href = image.src;
    link.hidden = false;
  });

  // MARK: One variant at a time

  document.querySelectorAll("[data-selector]").forEach((selector) => {
    const choose = () => {
      selector.closest("section").querySelectorAll(".variant").forEach((section) => {
        section.hidden = section.dataset.variant !== selector.value;
      });
    };
    selector.closest(".selector").hidden = false;
    selector.addEventListener("change", choose);
    choose();
  });
  follow();
})();
