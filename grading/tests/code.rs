//! What the code reader sees in answers: facts that a rubric may name, and where code begins and ends.

use grading::code::{self, CodeRubric, CodeVerdict, SegmentKind};

/// The facts found in an answer, each once, in the order of the facts file.
fn facts_of(answer: &str) -> Vec<String> {
    let mut names: Vec<String> = code::read(answer, &code::split(answer))
        .into_iter()
        .map(|finding| finding.fact)
        .collect();
    names.dedup();
    names
}

/// Checks that some facts are seen and others aren't.
fn check(answer: &str, seen: &[&str], unseen: &[&str]) {
    let facts = facts_of(answer);
    for name in seen {
        assert!(
            facts.iter().any(|fact| fact == name),
            "{name} is not seen in\n{answer}\nonly {facts:?}"
        );
    }
    for name in unseen {
        assert!(
            !facts.iter().any(|fact| fact == name),
            "{name} is seen in\n{answer}"
        );
    }
}

const TAKES: &str = "takes-a-function-and-returns-the-inner-one";
const FORWARDS: &str = "forwards-arguments-and-result";
const LOGS: &str = "logs-before-and-after-the-call";
const ONE_SIDE: &str = "logs-on-one-side-of-the-call";
const SUGAR: &str = "reassigns-the-name";

#[test]
fn decorators_of_many_shapes_are_seen() {
    let with_wraps = "
import functools, time

def log_time(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        print('start', time.time())
        try:
            return fn(*args, **kwargs)
        finally:
            print('end', time.time())
    return inner
";
    let other_names = "def d(g):\n  def w(*a, **k):\n    t = datetime.now()\n    r = g(*a, **k)\n    log.info('%s %s', t, datetime.now())\n    return r\n  return w";
    let with_class = "class Log:\n    def __init__(self, f):\n        self.f = f\n    def __call__(self, *args, **kw):\n        print('in')\n        out = self.f(*args, **kw)\n        print('out')\n        return out\n";
    let coroutine = "def log(f):\n    async def w(*args, **kwargs):\n        logger.info('before')\n        result = await f(*args, **kwargs)\n        logger.info('after')\n        return result\n    return w";
    let with_parameter = "def log(level):\n    def deco(func):\n        def wrapper(*args, **kwargs):\n            logging.log(level, 'called')\n            value = func(*args, **kwargs)\n            logging.log(level, 'finished')\n            return value\n        return wrapper\n    return deco";
    let typed = "def log(f: Callable[..., T]) -> Callable[..., T]:\n    def w(*args: Any, **kwargs: Any) -> T:\n        print(f'{f.__name__} called')\n        out = f(*args, **kwargs)\n        print(f'{f.__name__} finished')\n        return out\n    return w";
    for answer in [
        with_wraps,
        other_names,
        with_class,
        coroutine,
        with_parameter,
        typed,
    ] {
        check(answer, &[TAKES, FORWARDS, LOGS], &[ONE_SIDE]);
        check(
            &format!("Sure, here you go:\n\n```python\n{answer}\n```\n"),
            &[TAKES, FORWARDS, LOGS],
            &[ONE_SIDE],
        );
        check(
            &format!("I'd write this.\n\n{answer}\n\nThe @ line is sugar."),
            &[TAKES, FORWARDS, LOGS],
            &[ONE_SIDE],
        );
        check(
            &answer.replace('\n', "\r\n"),
            &[TAKES, FORWARDS, LOGS],
            &[ONE_SIDE],
        );
    }
}

#[test]
fn what_is_left_out_is_not_shown() {
    let drops_result = "def log(f):\n    def w(*args, **kwargs):\n        print('a')\n        f(*args, **kwargs)\n        print('b')\n    return w";
    check(drops_result, &[TAKES, LOGS], &[FORWARDS, ONE_SIDE]);
    let no_arguments = "def log(f):\n    def w():\n        print('a')\n        r = f()\n        print('b')\n        return r\n    return w";
    check(no_arguments, &[TAKES, LOGS], &[FORWARDS, ONE_SIDE]);
    let never_returns_inner = "def log(f):\n    def w(*args, **kwargs):\n        return f(*args, **kwargs)";
    check(never_returns_inner, &[], &[TAKES, FORWARDS]);
    let only_before = "def log(f):\n    def w(*args, **kwargs):\n        print('called')\n        return f(*args, **kwargs)\n    return w";
    check(only_before, &[TAKES, FORWARDS], &[LOGS, ONE_SIDE]);
    let unreachable = "def log(f):\n    def w(*args, **kwargs):\n        print('called')\n        return f(*args, **kwargs)\n        print('and then')\n    return w";
    check(unreachable, &[TAKES, FORWARDS], &[LOGS]);
    let result_printed = "def log(f):\n    def w(*a):\n        print('called')\n        r = f(*a)\n        print(r)\n    return w";
    check(result_printed, &[TAKES], &[LOGS, FORWARDS]);
}

#[test]
fn logging_on_the_wrong_side_is_seen() {
    let both_before = "def log(f):\n    def w(*args, **kwargs):\n        print('called', now())\n        print('finished', now())\n        return f(*args, **kwargs)\n    return w";
    check(both_before, &[ONE_SIDE], &[LOGS]);
    let both_after = "def log(f):\n    def w(*args, **kwargs):\n        r = f(*args, **kwargs)\n        print('start')\n        print('finish')\n        return r\n    return w";
    check(both_after, &[ONE_SIDE], &[LOGS]);
    let both_times_before = "def log(f):\n    def w(*args, **kwargs):\n        start = time.time()\n        end = time.time()\n        r = f(*args, **kwargs)\n        print(end - start)\n        return r\n    return w";
    check(both_times_before, &[ONE_SIDE], &[LOGS]);
}

#[test]
fn reassignment_is_seen_inside_sentences() {
    check(
        "@log above def f is short for f = log(f).",
        &[SUGAR],
        &["reassigns-the-decorator"],
    );
    check(
        "The @ is the same as `add = log_time(add)`, no more.",
        &[SUGAR],
        &[],
    );
    check(
        "@log_time above say_hello means log_time = say_hello(log_time).",
        &["reassigns-the-decorator"],
        &[SUGAR],
    );
    check("The @ line is not the same as f = log(f).", &[], &[SUGAR]);
    check("x = f(y) calls it", &[], &[SUGAR]);
}

#[test]
fn defaults_are_read() {
    let good = "def add(x, items=None):\n    if items is None:\n        items = []\n    items.append(x)\n    return items";
    check(
        good,
        &["none-as-default", "makes-a-new-one-when-none"],
        &["mutable-default-offered", "makes-a-new-one-when-given"],
    );
    for body in [
        "items = items or []",
        "items = [] if items is None else items",
        "items = list(items) if items is not None else []",
        "if not items: items = []",
        "if items == None:\n        items = dict()",
    ] {
        check(
            &format!("def add(x, items: list | None = None):\n    {body}\n    return items"),
            &["none-as-default", "makes-a-new-one-when-none"],
            &[],
        );
    }
    check(
        "def f(x, l=None):\n    l.append(x)",
        &["none-as-default"],
        &["makes-a-new-one-when-none"],
    );
    check(
        "def f(x, l=None):\n    if l is not None:\n        l = []\n    l.append(x)",
        &["makes-a-new-one-when-given"],
        &["makes-a-new-one-when-none"],
    );
    check(
        "To fix it you should write this instead:\n\ndef f(x, l=[]):\n    l.append(x)\n    return l",
        &["mutable-default-offered"],
        &[],
    );
    check(
        "This is wrong:\n\ndef f(x, l=[]):\n    l.append(x)\n    return l",
        &[],
        &["mutable-default-offered"],
    );
    check(
        "def good(x, l=[]):\n    l.append(x)\n\ndef bad(x, l=None):\n    l.append(x)",
        &["mutable-default-offered"],
        &["none-as-default"],
    );
    check(
        "Write errors=None and then `if errors is None: errors = []`.",
        &["none-as-default", "makes-a-new-one-when-none"],
        &[],
    );
    check(
        "Right way: if l is None, l = [].",
        &["makes-a-new-one-when-none"],
        &[],
    );
}

#[test]
fn shown_values_are_held_against_each_other() {
    let shared =
        "def f(x, l=[]):\n    l.append(x)\n    return l\n\nprint(f(1))  # [1]\nprint(f(2))  # [1, 2]";
    check(
        shared,
        &["second-call-sees-the-first"],
        &["second-call-starts-afresh"],
    );
    let session =
        ">>> def f(x, l=[]):\n...     l.append(x)\n...     return l\n>>> f(1)\n[1]\n>>> f(2)\n[1, 2]";
    check(session, &["second-call-sees-the-first"], &[]);
    let afresh = "def f(x, l=[]):\n    l.append(x)\n    return l\nf(1)  # [1]\nf(2)  # [2]";
    check(
        afresh,
        &["second-call-starts-afresh"],
        &["second-call-sees-the-first"],
    );
    let copies = "import copy\na = [[1], [2]]\nb = a[:]\nprint(b is a)        # False\nprint(b[0] is a[0])  # True\nc = copy.deepcopy(a)\nassert c[0] is not a[0]\nc[1].append(77)\nprint(a)  # [[1], [2]]";
    check(
        copies,
        &[
            "shallow-copy-is-another-object",
            "shallow-copy-shares-what-is-inside",
            "deep-copy-copies-what-is-inside",
            "deep-copy-leaves-the-original-alone",
            "deep-copies-something-nested",
        ],
        &[
            "shallow-copy-is-the-same-object",
            "shallow-copy-shares-nothing",
            "deep-copy-shares-what-is-inside",
            "deep-copy-changes-the-original",
        ],
    );
    let through = "a = [[1, 2], [3]]\nb = list(a)\nb[0].append(99)\na   # [[1, 2, 99], [3]]";
    check(
        through,
        &["shallow-copy-shares-what-is-inside"],
        &["shallow-copy-shares-nothing"],
    );
    let used_up = "g = (x for x in range(3))\nlist(g)  # [0, 1, 2]\nlist(g)  # []";
    check(used_up, &["second-pass-is-empty"], &[]);
}

#[test]
fn changes_are_followed_to_what_is_shown() {
    let wrong = "import copy\nx = [[1], [2]]\ny = copy.copy(x)\ny[0].append(5)\nprint(x)    # [[1], [2]]     x is not touched\ny.append(3)\nprint(x)    # [[1], [2], 3]  same object";
    check(
        wrong,
        &["shallow-copy-shares-nothing", "shallow-copy-is-the-same-object"],
        &[
            "shallow-copy-shares-what-is-inside",
            "shallow-copy-is-another-object",
        ],
    );
    let in_a_dict = "team = {'name': 'A', 'players': ['Kim', 'Lee']}\ns = team.copy()\ns['players'].append('Max')\nteam['players']   # ['Kim', 'Lee', 'Max']  oops\nd = deepcopy(team)\nd['players'].clear()\nteam['players']   # still ['Kim', 'Lee', 'Max']";
    check(
        in_a_dict,
        &[
            "shallow-copy-shares-what-is-inside",
            "deep-copy-leaves-the-original-alone",
        ],
        &["shallow-copy-shares-nothing", "deep-copy-changes-the-original"],
    );
    let one_line =
        "def f(x, acc={}):\n    acc[x] = True\n    return acc\n\nf(1); f(2)     # {1: True, 2: True}";
    check(
        one_line,
        &["second-call-sees-the-first"],
        &["second-call-starts-afresh"],
    );
}

#[test]
fn odd_shapes_are_read() {
    let tuple = "def log(fn):\n    return lambda *a, **kw: (\n        print('start', time.time()),\n        fn(*a, **kw),\n        print('end', time.time()),\n    )[1]";
    check(tuple, &[TAKES, FORWARDS, LOGS], &[ONE_SIDE]);
    let slip = "def log(f):\n  def w(*a,**k):\n    print('strat')\n    x = f(*a,**k)\n    print('finsh')\n    retrun x\n  return w";
    check(slip, &[TAKES, FORWARDS, LOGS], &[ONE_SIDE]);
    let at_once =
        "def log(func):\n    print('called')\n    return func()\n\n@log\ndef greet():\n    print('hi')";
    check(at_once, &["runs-the-function-at-once"], &[TAKES]);
    check(
        "It's quite unlike fn = log_time(fn).",
        &["is-said-to-differ-from-reassigning"],
        &[SUGAR],
    );
    check(
        "You don't have to write f = deco(f) yourself.",
        &[SUGAR],
        &["is-said-to-differ-from-reassigning"],
    );
    check(
        "`if x is None: x = []` in every function is noise that you shouldn't write.",
        &[],
        &["none-as-default"],
    );
}

#[test]
fn prose_stays_prose() {
    for answer in [
        "A list is eager: all is computed up front. A generator is lazy.",
        "- makes a new outer object\n- the stuff inside = same objects as before",
        "List = everything worked out up front, O(n).\nGenerator = next value when you ask for it, O(1).",
        "from what I know, it is released on I/O\nwhile a thread waits, others run",
        "if it is None: make a new one\nfor loops: they pull one by one",
        "# Answer\nIt is a lock.\n## More\nNothing.",
        "gil\nmutex\nlock",
        "",
        "\n\n\n",
    ] {
        let layout = code::split(answer);
        assert!(!layout.has_code(), "{answer}: {:?}", layout.segments());
        assert_eq!(layout.prose(answer), answer);
    }
}

#[test]
fn segments_cover_the_answer_and_prose_keeps_its_places() {
    let answer = "Schön 🙂:\r\n\r\n```python\r\ndef f(x):  # gets a function\r\n    \"\"\"Says hello.\"\"\"\r\n    return 'ü'\r\n```\r\nDone, naïve.";
    let layout = code::split(answer);
    let mut place = 0;
    for segment in layout.segments() {
        assert_eq!(segment.start, place);
        place = segment.end;
    }
    assert_eq!(place, answer.len());
    let prose = layout.prose(answer);
    assert_eq!(prose.chars().count(), answer.chars().count());
    for kept in ["Schön 🙂:", "gets a function", "Says hello.", "Done, naïve."] {
        assert!(prose.contains(kept), "{prose}");
        let at = |text: &str| text.find(kept).map(|at| text[..at].chars().count());
        assert_eq!(at(&prose), at(answer));
    }
    for blanked in ["def", "return", "```", "python"] {
        assert!(!prose.contains(blanked), "{prose}");
    }
    assert!(
        layout
            .segments()
            .iter()
            .any(|segment| segment.kind == SegmentKind::Comment)
    );
}

#[test]
fn evidence_points_into_the_answer() {
    let answer = "Größe 🙂 first.\n\n```py\nimport copy\nd = copy.deepcopy([[1]])\n```";
    let findings = code::read(answer, &code::split(answer));
    let finding = findings
        .iter()
        .find(|finding| finding.fact == "calls-deepcopy")
        .unwrap();
    let sliced: String = answer
        .chars()
        .skip(finding.start)
        .take(finding.end - finding.start)
        .collect();
    assert_eq!(sliced, "copy.deepcopy([[1]])");
    assert_eq!(finding.quote, sliced);
}

#[test]
fn a_code_block_is_held_against_what_was_found() {
    let rubric = CodeRubric {
        language: "python".to_owned(),
        shows: vec![LOGS.to_owned()],
        opposes: vec![ONE_SIDE.to_owned()],
    };
    assert!(rubric.mistakes().is_empty());
    let unknown = CodeRubric {
        language: "python".to_owned(),
        shows: vec!["no-such-fact".to_owned()],
        opposes: Vec::new(),
    };
    assert_eq!(unknown.mistakes().len(), 1);
    let judge = |answer: &str| match code::judge(&rubric, &code::read(answer, &code::split(answer))) {
        CodeVerdict::Shows(_) => "shows",
        CodeVerdict::Opposes(_) => "opposes",
        CodeVerdict::Silent => "silent",
    };
    assert_eq!(
        judge("def l(f):\n    def w():\n        print('start'); f(); print('end')\n    return w"),
        "shows"
    );
    assert_eq!(
        judge("def l(f):\n    def w():\n        print('start'); print('end'); f()\n    return w"),
        "opposes"
    );
    assert_eq!(
        judge("def l(f):\n    def w():\n        f()\n    return w"),
        "silent"
    );
}

#[test]
fn broken_and_hostile_code_does_no_harm() {
    let mut answers: Vec<String> = vec![
        "```python\ndef f(:\n  retrun ))) [\n```".to_owned(),
        "```".to_owned(),
        "```python".to_owned(),
        "``` ``` ```".to_owned(),
        ">>> ".to_owned(),
        ">>>".to_owned(),
        "def f(x):\n\t  \treturn\n x".to_owned(),
        "x = \"\"\"never closed\nand on".to_owned(),
        "'".to_owned(),
        "@".to_owned(),
        "x=".to_owned(),
        "=x".to_owned(),
        "\u{0}\u{1}\u{feff}def f(a=[]): pass".to_owned(),
        "é = ü(é)".to_owned(),
    ];
    for piece in [
        "(",
        "[",
        "def f(f):\n ",
        "lambda f: ",
        "f'{",
        "x[a][b](c)=",
        "' ",
        "if a:\n ",
        "```\n",
        "f(\n",
        "\"\"\"",
        "x = x or ",
        "@a ",
        "é=ü(",
    ] {
        answers.push(piece.repeat(65_536 / piece.len()));
        answers.push(format!("```python\n{}", piece.repeat(65_536 / piece.len())));
    }
    for answer in answers {
        let layout = code::split(&answer);
        let findings = code::read(&answer, &layout);
        let points = answer.chars().count();
        for finding in findings {
            assert!(finding.start <= finding.end && finding.end <= points);
            let sliced: String = answer
                .chars()
                .skip(finding.start)
                .take(finding.end - finding.start)
                .collect();
            assert_eq!(sliced, finding.quote);
        }
        assert_eq!(layout.prose(&answer).chars().count(), points);
    }
}
