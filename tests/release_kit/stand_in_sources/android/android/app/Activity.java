package android.app;

import android.content.Context;
import android.os.Bundle;
import android.view.View;
import java.io.PrintStream;

/** Stands in for Android's: started as a program, with the activity's name. */
public class Activity extends Context {
    protected void onCreate(Bundle state) {}

    public void setContentView(View view) {}

    public final void runOnUiThread(Runnable action) {
        action.run();
    }

    /** Not in Android's. */
    public static void main(String[] words) throws Exception {
        System.setOut(new PrintStream(System.out, true, "UTF-8"));
        Activity activity = (Activity) Class.forName(words[0]).getDeclaredConstructor().newInstance();
        activity.onCreate(null);
    }
}
