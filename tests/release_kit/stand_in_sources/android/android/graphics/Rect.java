package android.graphics;

/** Stands in for Android's. */
public final class Rect {
    public int left;
    public int top;
    public int right;
    public int bottom;

    public Rect(int left, int top, int right, int bottom) {
        this.left = left;
        this.top = top;
        this.right = right;
        this.bottom = bottom;
    }

    public int width() {
        return right - left;
    }

    public int height() {
        return bottom - top;
    }

    public void inset(int dx, int dy) {
        left += dx;
        top += dy;
        right -= dx;
        bottom -= dy;
    }

    public void union(int x, int y) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
    }

    public boolean intersect(int left, int top, int right, int bottom) {
        if (this.left >= right || left >= this.right || this.top >= bottom || top >= this.bottom) return false;
        this.left = Math.max(this.left, left);
        this.top = Math.max(this.top, top);
        this.right = Math.min(this.right, right);
        this.bottom = Math.min(this.bottom, bottom);
        return true;
    }
}
