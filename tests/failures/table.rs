//! The table of this program is true: all twenty-two are there, each with a test and its reports.

use std::path::Path;

const THIS: &str = include_str!("main.rs");

struct Row {
    number: usize,
    module: String,
    reports: Vec<String>,
}

fn rows() -> Vec<Row> {
    let lines = THIS.lines().filter_map(|line| line.strip_prefix("//! | "));
    lines
        .filter_map(|line| {
            let cells: Vec<_> = line
                .trim_end_matches('|')
                .split('|')
                .map(str::trim)
                .collect();
            let [number, _, module, reports] = cells[..] else {
                return None;
            };
            Some(Row {
                number: number.parse().ok()?,
                module: module.trim_matches('`').to_owned(),
                reports: reports.split(", ").map(str::to_owned).collect(),
            })
        })
        .collect()
}

#[test]
fn every_failure_has_a_module_a_test_and_its_sources() {
    let rows = rows();
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=22).collect::<Vec<_>>());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("failures");
    for Row {
        number,
        module,
        reports,
    } in rows
    {
        assert!(module.starts_with(&format!("f{number:02}_")), "{module}");
        assert!(
            THIS.contains(&format!("\nmod {module};\n")),
            "{module} is not compiled"
        );
        let path = folder.join(format!("{module}.rs"));
        let text = std::fs::read_to_string(path).expect(&module);
        assert!(
            text.contains("test(start_paused = true)]") || text.contains("#[test]"),
            "{module}"
        );
        for report in reports {
            assert!(text.contains(&report), "{module} does not name {report}");
            let (repository, issue) = report.split_once('#').expect("owner/name#number");
            assert!(
                repository.contains('/') && issue.parse::<u32>().is_ok(),
                "{report}"
            );
        }
    }
}
