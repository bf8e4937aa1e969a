"""The dashboard of drawing: how long looks wait, how they end, what the review says."""

from __future__ import annotations

from deploy.grafana.source.panels import Board, Panel, Query, Row, Text

GENERATION = Board(
    "generation",
    Text("Mapsi · Generation", "맵시 · 룩 그리기"),
    Text("Looks from the wish to the picture.", "요청부터 그림까지 봅니다."),
    (
        Row(
            Text("Waiting and drawing", "대기와 그리기"),
            (
                Panel(
                    Text("Looks waiting", "기다리는 룩"),
                    Text("interactive: someone looks on.", "interactive는 사용자가 보고 있는 요청입니다."),
                    (Query("max by (priority) (mapsi_looks_waiting)", "{{priority}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Looks being drawn", "그리고 있는 룩"),
                    Text("Or on their way to who draws.", "그리는 쪽으로 가고 있는 것도 포함합니다."),
                    (Query("max by (priority) (mapsi_looks_out)", "{{priority}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Seconds a look takes", "룩 하나를 그리는 시간"),
                    Text("A look's share of its batch: half take no longer, and 19 of 20.",
                         "묶음에서 룩 하나의 몫이며, 절반과 20개 중 19개가 이 안에 끝납니다."),
                    (
                        Query("histogram_quantile(0.5, sum by (le, backend) (rate(mapsi_look_seconds_bucket[30m])))", Text("{{backend}}: half", "{{backend}}: 절반")),
                        Query("histogram_quantile(0.95, sum by (le, backend) (rate(mapsi_look_seconds_bucket[30m])))", Text("{{backend}}: 19 of 20", "{{backend}}: 20개 중 19개")),
                    ),
                    unit="s",
                ),
                Panel(
                    Text("GPU seconds spent a second", "초당 쓰는 GPU 시간"),
                    Text("About the number of GPUs that are busy.", "일하고 있는 GPU 수와 비슷합니다."),
                    (Query("sum by (backend) (rate(mapsi_look_seconds_sum[30m]))", "{{backend}}"),),
                ),
            ),
        ),
        Row(
            Text("Results", "결과"),
            (
                Panel(
                    Text("Looks in an hour, by how they ended", "한 시간 동안 끝난 룩"),
                    Text("done, failed, cancelled; lookbook: boards of photos.",
                         "lookbook은 사진으로 만든 보드입니다."),
                    (Query("sum by (backend, state) (increase(mapsi_looks_total[1h]))", "{{backend}}: {{state}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Pictures that pass the review", "검수 통과율"),
                    Text("Share of the last hour.", "최근 한 시간의 비율입니다."),
                    (Query('(sum(increase(mapsi_look_reviews_total{outcome="passed"}[1h])) or vector(0)) / (sum(increase(mapsi_look_reviews_total[1h])) > 0)', Text("passed", "통과")),),
                    unit="percentunit", top=1,
                ),
                Panel(
                    Text("Looks ordered again in an hour", "한 시간 동안 다시 주문한 룩"),
                    Text("review: the picture was turned down; lost: its worker died.",
                         "review는 검수 탈락, lost는 작업자 중단입니다."),
                    (Query("sum by (cause) (increase(mapsi_look_retries_total[1h])) or vector(0)", "{{cause}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("GPU memory", "GPU 메모리"),
                    Text("used now, peak since the process began, total of the device.",
                         "현재, 시작 후 최대, 장치 전체입니다."),
                    (Query("max by (process, kind) (mapsi_gpu_memory_bytes)", "{{process}}: {{kind}}"),),
                    unit="bytes",
                ),
            ),
        ),
    ),
)  # fmt: skip
