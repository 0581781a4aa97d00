package desk

import (
	"net/http"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var queueRoutes = []route{
	{method: "GET", path: "", least: site.AnOrganizer, do: (*visit).queue},
}

// QueueView is what waits, oldest first.
type QueueView struct {
	Items []*intake.Item
}

func (v *visit) queue() {
	items, err := v.Intake.List()
	if err != nil {
		v.log(err)
	}
	if err != nil && items == nil {
		v.fail(err)
		return
	}
	v.page(http.StatusOK, "desk-queue", "desk.queue", QueueView{items})
}
