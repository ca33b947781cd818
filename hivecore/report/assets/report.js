"use strict";
// Search, filters, tabs and keys of a report. Without it the page is read as it stands. What is from
// outside becomes text (textContent) and never markup.
(function () {
    const most = 200; // rows or changes drawn at once
    const tags = [null, "del", "ins", "mark", "i"];
    const words = { "+": "added", "-": "removed", "~": "changed" };
    const by_id = (id) => document.getElementById(id);
    const form = by_id("controls");
    const tree = by_id("tree");
    const table = by_id("rows");
    const blocks = Array.from(document.querySelectorAll("script.data"));
    const status = by_id("status");
    const has_tabs = document.querySelector("section.part[data-tab]") !== null;

    function make(tag, class_name, text) {
        const element = document.createElement(tag);
        if (class_name)
            element.className = class_name;
        if (text !== undefined)
            element.textContent = text;
        return element;
    }

    // As hc_html_id().
    function id_of(path) {
        let id = "";
        for (const byte of new TextEncoder().encode(path)) {
            const c = String.fromCharCode(byte);
            id += /[A-Za-z0-9._-]/.test(c) ? c : "~" + byte.toString(16).padStart(2, "0");
        }
        return id;
    }

    function say(n, n_all, what) {
        status.textContent = n === n_all ? n_all + " " + what : n + " of " + n_all + " " + what;
    }

    function later(run) {
        setTimeout(run, 0);
    }

    // --- changes as elements, from data ---

    function side_element(class_name, label, parts) {
        const pre = make("pre", class_name);
        pre.tabIndex = 0;
        pre.setAttribute("role", "group");
        pre.setAttribute("aria-label", label);
        for (let i = 0; i < parts.length; i += 2) {
            const tag = tags[parts[i]];
            pre.append(tag ? make(tag, "", parts[i + 1]) : parts[i + 1]);
        }
        return pre;
    }

    function change_element(change) {
        const word = words[change.s];
        const element = make("div", "change " + word);
        const what = make("p", "what");
        what.append(make("b", "", change.s), " ", make("span", "sr", word), " ",
            make("code", "name", change.n));
        if (change.t)
            what.append(" ", make("span", "type", change.t));
        element.append(what);
        if (change.o || change.a) {
            const sides = make("div", change.o && change.a ? "sides two" : "sides");
            if (change.o)
                sides.append(side_element("old", "before", change.o));
            if (change.a)
                sides.append(side_element("new", "after", change.a));
            element.append(sides);
        }
        for (const [member, class_name] of [["x", "note"], ["w", "why"], ["f", "origin"]])
            if (change[member])
                element.append(make("p", class_name, change[member]));
        return element;
    }

    function sides_text(change) {
        let text = "";
        for (const side of [change.o, change.a])
            for (let i = 1; side && i < side.length; i += 2)
                text += " " + side[i];
        return text;
    }

    // --- what is searched: entries {text, sign, type, hive}, and who shows the result ---

    let entries = [];
    let show_result = null;

    function wanted() {
        const kinds = new Set();
        for (const box of form.querySelectorAll("input[name=kind]"))
            if (box.checked)
                kinds.add(box.value);
        const type = by_id("type");
        const hive = by_id("hive");
        return {
            text: by_id("search").value.toLowerCase(),
            kinds: kinds,
            type: type ? type.value : "",
            hive: hive ? hive.value : "",
        };
    }

    function apply() {
        const want = wanted();
        let n = 0;
        for (const entry of entries) {
            entry.is_shown = (entry.sign === "" || want.kinds.has(entry.sign)) &&
                (want.type === "" || entry.type === want.type) &&
                (want.hive === "" || entry.hive === want.hive) &&
                (want.text === "" || entry.text.includes(want.text));
            n += entry.is_shown ? 1 : 0;
        }
        say(n, entries.length, table ? "rows" : "changes");
        show_result(n, want);
    }

    function add_options(select, values) {
        for (const value of Array.from(values).sort()) {
            const option = make("option", "", value);
            option.value = value;
            select.append(option);
        }
        select.parentElement.hidden = values.size < 2;
    }

    function start() {
        if (!table) {
            const types = new Set();
            const hives = new Set();
            for (const entry of entries) {
                if (entry.type)
                    types.add(entry.type);
                hives.add(entry.hive);
            }
            add_options(by_id("type"), types);
            add_options(by_id("hive"), hives);
        }
        make_tabs();
        form.hidden = false;
        say(entries.length, entries.length, table ? "rows" : "changes");
        form.addEventListener("input", apply);
        form.addEventListener("submit", (event) => event.preventDefault());
        follow_link();
    }

    // --- a tree that stands in the page ---

    function sign_of(element) {
        return element.classList.contains("added") ? "+"
            : element.classList.contains("removed") ? "-" : "~";
    }

    function read_tree() {
        for (const section of tree.querySelectorAll("section.part")) {
            const hive = section.querySelector("h2").textContent;
            for (const element of section.querySelectorAll(".change, details.key.added, details.key.removed")) {
                const is_key = element.localName === "details";
                const key = is_key ? element : element.closest("details");
                const path = key ? key.dataset.path : hive;
                const type = is_key ? null : element.querySelector(".type");
                entries.push({
                    element: element,
                    text: (is_key ? path : path + " " + element.textContent).toLowerCase(),
                    sign: sign_of(element),
                    type: type ? type.textContent : "",
                    hive: hive,
                });
            }
        }
        show_result = filter_tree;
    }

    function filter_tree(n, want) {
        const is_all = n === entries.length;
        const kept = new Set();
        for (const entry of entries) {
            if (entry.element.localName !== "details")
                entry.element.hidden = !entry.is_shown;
            for (let at = entry.is_shown ? entry.element : null; at && at !== tree && !kept.has(at);
                at = at.parentElement)
                kept.add(at);
        }
        for (const key of tree.querySelectorAll("details.key, section.part")) {
            key.hidden = !is_all && !kept.has(key);
            if (!is_all && kept.has(key) && want.text !== "" && n <= most)
                key.open = true;
        }
    }

    // --- a tree that is drawn from data as it is opened ---

    let roots = [];

    function parse_blocks(done) {
        let i = 0;
        function step() {
            const end = performance.now() + 40;
            while (i < blocks.length && performance.now() < end) {
                done(JSON.parse(blocks[i].textContent));
                blocks[i].remove();
                i++;
            }
            later(i < blocks.length ? step : () => done(null));
        }
        status.textContent = "reading…";
        form.hidden = false;
        later(step);
    }

    function take_record(record, hives, keys) {
        const [sign, path, hive_index, changes, note] = record;
        const hive = hives[hive_index];
        const id = hive_index + " " + path;
        let key = keys.get(id);
        if (!key) {
            key = { path: path, sign: sign, changes: [], hive_index: hive_index };
            keys.set(id, key);
        }
        if (sign === "+" || sign === "-") {
            key.entry = { key: key, text: path.toLowerCase(), sign: sign, type: "", hive: hive };
            entries.push(key.entry);
        }
        if (note)
            key.note = note;
        for (const change of changes) {
            const entry = {
                change: change,
                text: (path + " " + change.n + sides_text(change) + " " + (change.w || "")).toLowerCase(),
                sign: change.s,
                type: change.t || "",
                hive: hive,
            };
            key.changes.push(entry);
            entries.push(entry);
        }
    }

    // As hc_html_key_id().
    function id_of_key(key) {
        const prefix = has_tabs ? "part-" + (key.hive_index + 1) + "." : "";
        return prefix + id_of(key.path);
    }

    function id_of_node(node) {
        const names = [];
        let at = node;
        for (; at.parent; at = at.parent)
            names.unshift(at.name);
        return id_of_key({ path: names.join("\\"), hive_index: roots.indexOf(at) });
    }

    function node_new(name, parent) {
        return { name: name, parent: parent, children: new Map(), key: null, n: 0 };
    }

    function build(hives, keys) {
        roots = hives.map((hive) => node_new(hive, null));
        for (const key of keys.values()) {
            let node = roots[key.hive_index];
            for (const part of key.path.split("\\")) {
                if (!node.children.has(part))
                    node.children.set(part, node_new(part, node));
                node = node.children.get(part);
            }
            node.key = key;
            key.node = node;
        }
    }

    function count(node) {
        node.n = 0;
        if (node.key) {
            node.n += node.key.entry && node.key.entry.is_shown !== false ? 1 : 0;
            for (const entry of node.key.changes)
                node.n += entry.is_shown !== false ? 1 : 0;
        }
        for (const child of node.children.values())
            node.n += count(child);
        return node.n;
    }

    function more_button(n, draw) {
        const button = make("button", "more", "Show " + n + " more");
        button.type = "button";
        button.addEventListener("click", () => {
            button.remove();
            draw();
        });
        return button;
    }

    function draw_list(parent, list, draw_one, from) {
        const end = Math.min(list.length, from + most);
        for (let i = from; i < end; i++)
            parent.append(draw_one(list[i]));
        if (end < list.length)
            parent.append(more_button(Math.min(most, list.length - end),
                () => draw_list(parent, list, draw_one, end)));
    }

    function fill(node, element) {
        if (node.is_drawn)
            return;
        node.is_drawn = true;
        if (node.key) {
            const link = make("a", "link", "#");
            link.href = "#" + id_of_key(node.key);
            link.setAttribute("aria-label", "link to " + node.key.path);
            element.append(link);
            if (node.key.note)
                element.append(make("p", "note", node.key.note));
            draw_list(element, node.key.changes.filter((entry) => entry.is_shown !== false),
                (entry) => change_element(entry.change), 0);
        }
        draw_list(element, Array.from(node.children.values()).filter((child) => child.n > 0), draw, 0);
    }

    function draw(node) {
        let label = node.name;
        let last = node;
        while (!last.key && last.children.size === 1) {
            last = last.children.values().next().value;
            label += "\\" + last.name;
        }
        const sign = last.key ? last.key.sign : "~";
        const element = make("details", "key " + words[sign]);
        const summary = make("summary");
        summary.append(make("b", "", sign === "~" ? " " : sign), " ", make("code", "", label), " ",
            make("span", "n", String(last.n)));
        element.append(summary);
        element.id = id_of_node(last);
        last.element = element;
        last.is_drawn = false;
        element.addEventListener("toggle", () => {
            if (element.open)
                fill(last, element);
        });
        return element;
    }

    function open(node) {
        if (!node.element)
            return;
        node.element.open = true;
        fill(node, node.element);
    }

    function open_some(node, left) {
        open(node);
        for (const child of node.children.values()) {
            if (left.n <= 0)
                return;
            if (child.n > 0) {
                left.n -= child.key ? child.key.changes.filter((entry) => entry.is_shown !== false).length : 0;
                open_some(child, left);
            }
        }
    }

    function forget(node) {
        node.element = null;
        for (const child of node.children.values())
            forget(child);
    }

    function draw_all(n) {
        const sections = tree.querySelectorAll("section.part");
        roots.forEach((root, i) => {
            const section = sections[i];
            for (const old of section.querySelectorAll(":scope > details, :scope > button"))
                old.remove();
            forget(root);
            section.hidden = count(root) === 0 && n !== entries.length;
            for (const child of root.children.values()) {
                if (child.n === 0)
                    continue;
                section.append(draw(child));
                open_some(child, { n: n <= most ? most : 0 });
            }
        });
    }

    function read_data() {
        const hives = Array.from(tree.querySelectorAll("section.part > h2"), (h) => h.textContent);
        const keys = new Map();
        parse_blocks((records) => {
            if (records) {
                for (const record of records)
                    take_record(record, hives, keys);
                return;
            }
            build(hives, keys);
            by_id("too-many").hidden = true;
            draw_all(entries.length);
            show_result = draw_all;
            start();
            document.documentElement.dataset.ready = "yes";
        });
    }

    // --- tables ---

    function read_table() {
        const body = table.tBodies[0];
        for (const row of body.rows)
            entries.push({ row: row, sign: "", text: row.textContent.toLowerCase() });
        show_result = (n) => {
            const shown = entries.filter((entry) => entry.is_shown);
            body.replaceChildren();
            draw_rows(shown, 0);
        };
        function element_of(entry) {
            if (!entry.row) {
                entry.row = make("tr");
                for (const cell of entry.cells)
                    entry.row.append(make("td", "", cell));
            }
            return entry.row;
        }
        function draw_rows(list, from) {
            const end = Math.min(list.length, from + 10 * most);
            for (let i = from; i < end; i++)
                body.append(element_of(list[i]));
            if (end < list.length) {
                const row = make("tr");
                const cell = make("td");
                cell.colSpan = table.tHead.rows[0].cells.length;
                cell.append(more_button(list.length - end, () => {
                    row.remove();
                    draw_rows(list, end);
                }));
                row.append(cell);
                body.append(row);
            }
        }
        if (blocks.length === 0) {
            start();
            return;
        }
        parse_blocks((rows) => {
            if (!rows) {
                by_id("too-many").hidden = true;
                start();
                apply();
                document.documentElement.dataset.ready = "yes";
                return;
            }
            for (const cells of rows)
                entries.push({ cells: cells, sign: "", text: cells.join(" ").toLowerCase() });
        });
    }

    // --- tabs: one part at a time ---

    function make_tabs() {
        const parts = tree ? Array.from(tree.querySelectorAll("section.part[data-tab]")) : [];
        const names = Array.from(new Set(parts.map((part) => part.dataset.tab)));
        if (names.length < 2)
            return;
        const list = make("div");
        list.setAttribute("role", "tablist");
        list.setAttribute("aria-label", "layers");
        const buttons = names.map((name, i) => {
            const button = make("button", "", name);
            const own = parts.filter((part) => part.dataset.tab === name);
            button.type = "button";
            button.setAttribute("role", "tab");
            button.setAttribute("aria-controls", own.map((part) => part.id).join(" "));
            button.addEventListener("click", () => select(i));
            button.addEventListener("keydown", (event) => {
                const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
                if (way)
                    select((i + way + names.length) % names.length).focus();
            });
            list.append(button);
            return button;
        });
        function select(i) {
            for (const part of parts)
                part.classList.toggle("away", part.dataset.tab !== names[i]);
            buttons.forEach((button, k) => {
                button.setAttribute("aria-selected", k === i ? "true" : "false");
                button.tabIndex = k === i ? 0 : -1;
            });
            return buttons[i];
        }
        tree.before(list);
        tree.addEventListener("reveal", (event) => {
            const part = event.target.closest("section.part[data-tab]");
            if (part)
                select(names.indexOf(part.dataset.tab));
        });
        select(names.length - 1);
    }

    // --- links to keys, and keys of the keyboard ---

    function reveal(element) {
        for (let at = element; at; at = at.parentElement)
            if (at.localName === "details")
                at.open = true;
        element.dispatchEvent(new Event("reveal", { bubbles: true }));
        element.scrollIntoView({ block: "center" });
    }

    function find_node(node, id) {
        if (node.parent && id_of_node(node) === id)
            return node;
        for (const child of node.children.values()) {
            const found = find_node(child, id);
            if (found)
                return found;
        }
        return null;
    }

    function follow_link() {
        const id = location.hash.slice(1);
        if (id === "")
            return;
        for (const root of roots) {
            const node = find_node(root, id);
            const way = [];
            for (let at = node; at; at = at.parent)
                way.unshift(at);
            way.forEach(open);
        }
        const element = by_id(id);
        if (element)
            reveal(element);
    }

    function step(direction) {
        const list = Array.from(tree.querySelectorAll(".change")).filter((e) => !e.closest("[hidden]"));
        const now = tree.querySelector(".change.at");
        const i = now ? list.indexOf(now) + direction : direction > 0 ? 0 : list.length - 1;
        if (now)
            now.classList.remove("at");
        if (i < 0 || i >= list.length)
            return;
        list[i].classList.add("at");
        reveal(list[i]);
    }

    function set_open(is_open) {
        let n = 0;
        for (let round = 0; round < 64; round++) {
            const keys = Array.from(tree.querySelectorAll("details.key")).filter((e) => e.open !== is_open);
            if (keys.length === 0 || n > 10 * most)
                break;
            for (const key of keys) {
                key.open = is_open;
                n++;
            }
            for (const root of roots)
                fill_open(root);
        }
    }

    function fill_open(node) {
        if (node.element && node.element.open)
            fill(node, node.element);
        for (const child of node.children.values())
            fill_open(child);
    }

    function press(event) {
        const is_typing = /^(input|select|textarea)$/.test(document.activeElement.localName) &&
            document.activeElement.type !== "checkbox";
        if (event.ctrlKey || event.altKey || event.metaKey)
            return;
        if (event.key === "Escape") {
            by_id("search").value = "";
            document.activeElement.blur();
            apply();
        } else if (is_typing) {
            return;
        } else if (event.key === "/") {
            by_id("search").focus();
            event.preventDefault();
        } else if (tree && event.key === "n") {
            step(1);
        } else if (tree && event.key === "p") {
            step(-1);
        } else if (tree && event.key === "e") {
            set_open(true);
        } else if (tree && event.key === "c") {
            set_open(false);
        }
    }

    if (!form)
        return;
    window.addEventListener("load", () => {
        if (table) {
            read_table();
        } else if (blocks.length > 0) {
            read_data();
        } else {
            read_tree();
            start();
        }
        window.addEventListener("hashchange", follow_link);
        window.addEventListener("keydown", press);
        window.addEventListener("beforeprint", () => {
            if (tree && blocks.length === 0)
                set_open(true);
        });
        if (by_id("open")) {
            by_id("open").addEventListener("click", () => set_open(true));
            by_id("close").addEventListener("click", () => set_open(false));
        }
    });
})();
