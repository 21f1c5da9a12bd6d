//! Any text, read as an answer with code in it.

#![no_main]

use grading::code;
use grading_fuzz::in_time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let answer = String::from_utf8_lossy(bytes);
    let layout = in_time(answer.len(), "splitting", || code::split(&answer));
    let mut end = 0;
    for segment in layout.segments() {
        assert_eq!(segment.start, end, "a gap or an overlap");
        assert!(
            answer
                .get(segment.start..segment.end)
                .is_some_and(|part| !part.is_empty())
        );
        end = segment.end;
    }
    assert!(
        end == answer.len() || layout.segments().is_empty(),
        "the end is not covered"
    );
    let findings = in_time(answer.len(), "reading", || code::read(&answer, &layout));
    let points: Vec<char> = answer.chars().collect();
    for finding in &findings {
        let slice: Option<String> = points
            .get(finding.start..finding.end)
            .map(|part| part.iter().collect());
        assert_eq!(slice.as_ref(), Some(&finding.quote), "{}", finding.fact);
        assert!(
            code::sentence(finding.language, &finding.fact).is_some(),
            "{}",
            finding.fact
        );
    }
    assert_eq!(
        findings,
        code::read(&answer, &code::split(&answer)),
        "not the same twice"
    );
});
